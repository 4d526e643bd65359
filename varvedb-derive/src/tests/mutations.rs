//! Whatever is half typed, misspelt or moved, the macros answer; they never panic.

use proc_macro2::TokenStream;
use proptest::prelude::*;

const EVENT: &str = r#"
    #[ varve ( stream = "account" , crate = :: my :: varvedb , retired ( "lost" , "merged" ) ) ]
    pub enum AccountEvent {
        /// Opened.
        #[ varve ( name = "begun" , revision = 1 ) ]
        Opened { #[ stream_id ] id : AccountId , #[ pii ] owner : & 'static str , r#type : Vec < Self > } ,
        Deposited { #[ stream_id ] id : AccountId , #[ varve ( name = "sum" ) ] amount : u64 } ,
        #[ varve ( revision = 3 , alias ( "shut" , "ended" ) ) ]
        Closed { #[ stream_id ] id : AccountId , #[ varve ( since = 2 , default = "why" ) ] why : String , #[ varve ( since = 3 , default = f ( 1 , 2 ) ) ] by : u64 } ,
        #[ varve ( revision = 3 , history ( split ( FrozenV1 ) , old :: FrozenV2 ) , alias = "iced" ) ]
        Frozen { #[ stream_id ] id : AccountId , why : String } ,
    }
"#;
const REVISION: &str = r#"
    pub struct OpenedV1 { #[ stream_id ] id : AccountId , #[ varve ( name = "sum" ) ] amount : u64 , r#type : String }
"#;
const VALUE: &str = r#"
    pub enum Gift { No = 1 , Wrapped { paper : String , #[ varve ( name = "in" ) ] inside : Vec < Self > } }
"#;
const ID: &str = "pub struct AccountId ( pub Uuid ) ;";
const SETTINGS: &str = r#"
    id = AccountId , event = AccountEvent , error = BankError , command ( derive ( Debug ) ) ,
    snapshot ( every = 500 , after_replay = "5ms" , on ( AccountOpened , Closed ) , revision = 2 )
"#;
const AGGREGATE: &str = r"
    impl Account {
        #[ command ] pub fn open ( id : AccountId , r#type : & str ) -> Result < AccountEvent , E > { x }
        #[ command ] fn close_it ( & self ) -> Result < Option < AccountEvent > , E > { x }
        #[ apply ] fn opened ( e : AccountOpened < '_ > ) -> Self { x }
        #[ apply ( Closed ) ] fn shut ( & mut self , e : Shut < '_ > , meta : & Meta < '_ > ) { x }
    }
";
const PROJECTION: &str = r"
    impl Balances {
        #[ on ] fn opened ( & mut self , e : AccountOpened < '_ > , meta : & Meta ) -> Result < ( ) , E > { x }
        #[ on ] fn closed ( & self , tables : & mut Tables < '_ > , e : AccountClosed < '_ > ) { x }
    }
";

/// Words that a slip may put in the place of another. Not `_`, which rustc itself refuses as a name.
const WORDS: &[&str] = &[
    "varve",
    "stream_id",
    "pii",
    "name",
    "stream",
    "revision",
    "since",
    "default",
    "history",
    "split",
    "retired",
    "alias",
    "2",
    "65536",
    "crate",
    "self",
    "Self",
    "mut",
    "&",
    "'a",
    "__",
    ",",
    "=",
    ":",
    "::",
    "\"\"",
    "\"A b\"",
    "0",
    "1",
    "99999999999999999999",
    "async",
    "unsafe",
    "impl",
    "struct",
    "union",
    "enum",
    "fn",
    "<",
    ">",
    "apply",
    "command",
    "on",
    "snapshot",
    "every",
    "after_replay",
    "\"0ms\"",
    "\"99999999999999999999s\"",
    "Meta",
    "Tables",
    "r#type",
    "()",
    "#[varve]",
    "#[stream_id]",
    "where",
    "->",
    "größe",
    "self_",
    "Account",
    "Result",
];

type Expand = fn(TokenStream) -> TokenStream;

#[derive(Clone, Debug)]
enum Slip {
    Drop,
    Double,
    SwapWithNext,
    Write(&'static str),
}

fn slips() -> impl Strategy<Value = Vec<(prop::sample::Index, Slip)>> {
    let slip = prop_oneof![
        Just(Slip::Drop),
        Just(Slip::Double),
        Just(Slip::SwapWithNext),
        prop::sample::select(WORDS).prop_map(Slip::Write),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), slip), 0..4)
}

/// The input with its slips, if what remains are tokens at all.
fn mutated(input: &str, slips: &[(prop::sample::Index, Slip)]) -> Option<TokenStream> {
    let mut words: Vec<&str> = input.split(' ').collect();
    for (index, slip) in slips {
        let at = index.index(words.len());
        match slip {
            Slip::Drop => drop(words.remove(at)),
            Slip::Double => words.insert(at, words[at]),
            Slip::SwapWithNext => {
                let next = (at + 1) % words.len();
                words.swap(at, next);
            }
            Slip::Write(word) => words[at] = word,
        }
    }
    words.join(" ").parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_slip_makes_a_derive_panic_or_write_what_is_no_rust(slips in slips()) {
        let derives: [(&str, Expand); 4] = [
            (EVENT, crate::event),
            (REVISION, crate::revision),
            (VALUE, crate::value),
            (ID, crate::id),
        ];
        for (input, expand) in derives {
            if let Some(tokens) = mutated(input, &slips) {
                let expansion = expand(tokens);
                prop_assert!(syn::parse2::<syn::File>(expansion.clone()).is_ok(), "{expansion}");
            }
        }
    }

    #[test]
    fn no_slip_makes_an_attribute_panic(of_settings in slips(), of_block in slips()) {
        let settings = mutated(SETTINGS, &of_settings).unwrap_or_default();
        if let Some(block) = mutated(AGGREGATE, &of_block) {
            crate::aggregate_block(settings, block);
        }
        let settings = mutated(r#"name = "balances" , resume"#, &of_settings).unwrap_or_default();
        if let Some(block) = mutated(PROJECTION, &of_block) {
            crate::projection_block(settings, block);
        }
    }
}
