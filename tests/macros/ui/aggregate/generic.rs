// A generic aggregate.
use varvedb::prelude::*;

pub struct Account<T> {
    pub balance: T,
}

#[aggregate(id = AccountId, event = AccountEvent, error = BankError)]
impl<T> Account<T> {

}

fn main() {}
