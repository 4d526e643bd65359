use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
pub struct SwitchId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "switch")]
pub enum SwitchEvent {
    Installed { #[stream_id] id: SwitchId },
    TurnedOn { #[stream_id] id: SwitchId },
}

#[derive(Debug)]
pub struct Switch { id: SwitchId, is_on: bool }

#[derive(Debug, thiserror::Error)]
#[error("it is on already")]
pub struct AlreadyOn;

#[aggregate(id = SwitchId, event = SwitchEvent, error = AlreadyOn)]
impl Switch {
    #[command]
    pub fn install(id: SwitchId) -> Result<SwitchEvent, AlreadyOn> {
        Ok(SwitchEvent::Installed { id })
    }
    #[command]
    pub fn turn_on(&self) -> Result<SwitchEvent, AlreadyOn> {
        if self.is_on { Err(AlreadyOn) } else { Ok(SwitchEvent::TurnedOn { id: self.id }) }
    }
    #[apply]
    fn installed(e: SwitchInstalled<'_>) -> Self { Switch { id: e.id, is_on: false } }
    #[apply]
    fn turned_on(&mut self, _: SwitchTurnedOn<'_>) { self.is_on = true; }
}
