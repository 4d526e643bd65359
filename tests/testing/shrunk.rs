//! The order as a program knows it that has forgotten a field.

use std::convert::Infallible;

use varvedb::prelude::*;

#[derive(VarveEvent, Debug)]
#[varve(stream = "order")]
pub(crate) enum OrderEvent {
    Begun {
        #[stream_id]
        id: u64,
    },
    Sent {
        #[stream_id]
        id: u64,
    },
}

#[derive(Debug)]
pub(crate) struct Order;

#[aggregate(id = u64, event = OrderEvent, error = Infallible)]
impl Order {
    #[apply]
    fn begun(_: OrderBegun<'_>) -> Self {
        Self
    }

    #[apply]
    fn sent(&mut self, _: OrderSent<'_>) {}
}
