//! What the macros write, kept as snapshots: the reviewable truth. A change in one is read like code.

use proc_macro2::TokenStream;
use quote::quote;

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("an expansion is a file of items"))
}

#[test]
fn an_event_expands_to_views_and_what_reads_and_writes_them() {
    let event = crate::event(quote! {
        #[varve(stream = "account")]
        pub enum AccountEvent {
            /// An account was opened.
            Opened {
                #[stream_id]
                id: AccountId,
                /// Whose it is.
                owner: String,
                #[varve(name = "limit")]
                most: i64,
                tags: Vec<String>,
            },
            #[varve(name = "shut")]
            Closed { #[stream_id] id: AccountId },
        }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn an_event_without_ids_has_views_that_borrow_nothing() {
    let event = crate::event(quote! {
        #[varve(stream = "light")]
        enum LightEvent { SwitchedOn, SwitchedOff }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn after_a_fatal_mistake_an_event_keeps_its_views() {
    let event = crate::event(quote! {
        #[varve(stream = "account")]
        pub enum AccountEvent {
            Opened { owner: &'static str },
            Closed(u64),
        }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn an_id_is_a_key_and_a_field() {
    insta::assert_snapshot!(pretty(crate::id(quote! {
        pub struct AccountId(Uuid);
    })));
}

#[test]
fn a_struct_value_is_a_record() {
    insta::assert_snapshot!(pretty(crate::value(quote! {
        /// An amount.
        pub struct Money { pub cents: i64, pub currency: Currency }
    })));
}

#[test]
fn an_enum_value_has_a_twin_for_rkyv() {
    insta::assert_snapshot!(pretty(crate::value(quote! {
        pub enum Gift { No, Wrapped { paper: String, inside: Vec<Self> } }
    })));
}

#[test]
fn an_aggregate_keeps_its_block_and_gains_commands() {
    let settings = quote!(id = AccountId, event = AccountEvent, error = BankError);
    let block = quote! {
        impl Account {
            /// Opens an account.
            #[command]
            pub fn open(id: AccountId, owner: String) -> Result<AccountEvent, BankError> { todo!() }

            #[command]
            fn withdraw(&self, amount: u64) -> Result<Option<AccountEvent>, BankError> { todo!() }

            #[apply]
            fn opened(e: AccountOpened<'_>) -> Self { todo!() }

            #[apply]
            fn withdrawn(&mut self, e: AccountWithdrawn<'_>, meta: &Meta) { todo!() }

            pub fn balance(&self) -> u64 { 0 }
        }
    };
    insta::assert_snapshot!(pretty(crate::aggregate_block(settings, block)));
}

#[test]
fn an_aggregate_with_snapshots_says_when_and_by_what_they_are_known() {
    let settings = quote! {
        id = AccountId, event = AccountEvent, error = BankError,
        snapshot(every = 500, after_replay = "5ms", on(AccountClosed, Withdrawn), revision = 2)
    };
    let block = quote! {
        impl Account {
            #[apply]
            fn opened(e: AccountOpened<'_>) -> Self { todo!() }

            #[cfg(feature = "money")]
            #[apply]
            fn withdrawn(&mut self, e: AccountWithdrawn<'_>) { self.balance -= e.amount; }

            #[apply(Closed)]
            fn closed(&mut self, _: AccountClosed<'_>) {}
        }
    };
    insta::assert_snapshot!(pretty(crate::aggregate_block(settings, block)));
}

#[test]
fn a_projection_dispatches_by_the_hash_of_the_view() {
    let block = quote! {
        impl Balances {
            #[on]
            fn opened(&self, e: AccountOpened<'_>, tables: &mut Tables<'_>, meta: &Meta) {}

            #[on]
            fn closed<'a>(&self, e: AccountClosed<'a>) -> Result<(), TableError> { Ok(()) }
        }
    };
    insta::assert_snapshot!(pretty(crate::projection_block(
        quote!(name = "balances"),
        block
    )));
}

#[test]
fn added_fields_have_defaults_in_the_revisions_before_them() {
    let event = crate::event(quote! {
        #[varve(stream = "account", retired("merged"))]
        enum AccountEvent {
            #[varve(revision = 3, alias("begun", "started"))]
            Opened {
                #[stream_id]
                id: AccountId,
                #[varve(since = 3, default = Seq::empty())]
                tags: Vec<String>,
                owner: String,
                #[varve(since = 2, default = "EUR")]
                currency: String,
            },
        }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn older_layouts_are_upcast_step_by_step() {
    let event = crate::event(quote! {
        #[varve(stream = "order")]
        enum OrderEvent {
            #[varve(revision = 3, history(PlacedV1, old::PlacedV2))]
            Placed { #[stream_id] id: OrderId, price: Money },
        }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn a_layout_that_is_split_becomes_several_views_of_the_enum() {
    let event = crate::event(quote! {
        #[varve(stream = "order")]
        enum OrderEvent {
            #[varve(revision = 4, alias = "ordered", history(PlacedV1, split(PlacedV2), PlacedV3))]
            Placed { #[stream_id] id: OrderId },
            Priced { #[stream_id] id: OrderId, cents: u64 },
        }
    });
    insta::assert_snapshot!(pretty(event));
}

#[test]
fn an_old_layout_is_a_record_with_a_view() {
    insta::assert_snapshot!(pretty(crate::revision(quote! {
        /// As it was until spring.
        pub struct PlacedV1 { #[stream_id] pub id: OrderId, pub total: i64 }
    })));
}
