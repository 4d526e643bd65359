use varvedb::prelude::*;

#[derive(VarveId, Clone, Debug, PartialEq)]
#[varve(subject = "person")]
struct PersonId(u64);

#[derive(VarveValue, Clone, Debug, PartialEq)]
#[varve(subject = id)]
struct Everything {
    id: PersonId,
    #[pii]
    f0: Pii<u8>,
    #[pii]
    f1: Pii<u8>,
    #[pii]
    f2: Pii<u8>,
    #[pii]
    f3: Pii<u8>,
    #[pii]
    f4: Pii<u8>,
    #[pii]
    f5: Pii<u8>,
    #[pii]
    f6: Pii<u8>,
    #[pii]
    f7: Pii<u8>,
    #[pii]
    f8: Pii<u8>,
    #[pii]
    f9: Pii<u8>,
    #[pii]
    f10: Pii<u8>,
    #[pii]
    f11: Pii<u8>,
    #[pii]
    f12: Pii<u8>,
    #[pii]
    f13: Pii<u8>,
    #[pii]
    f14: Pii<u8>,
    #[pii]
    f15: Pii<u8>,
    #[pii]
    f16: Pii<u8>,
    #[pii]
    f17: Pii<u8>,
    #[pii]
    f18: Pii<u8>,
    #[pii]
    f19: Pii<u8>,
    #[pii]
    f20: Pii<u8>,
    #[pii]
    f21: Pii<u8>,
    #[pii]
    f22: Pii<u8>,
    #[pii]
    f23: Pii<u8>,
    #[pii]
    f24: Pii<u8>,
    #[pii]
    f25: Pii<u8>,
    #[pii]
    f26: Pii<u8>,
    #[pii]
    f27: Pii<u8>,
    #[pii]
    f28: Pii<u8>,
    #[pii]
    f29: Pii<u8>,
    #[pii]
    f30: Pii<u8>,
    #[pii]
    f31: Pii<u8>,
    #[pii]
    f32: Pii<u8>,
    #[pii]
    f33: Pii<u8>,
    #[pii]
    f34: Pii<u8>,
    #[pii]
    f35: Pii<u8>,
    #[pii]
    f36: Pii<u8>,
    #[pii]
    f37: Pii<u8>,
    #[pii]
    f38: Pii<u8>,
    #[pii]
    f39: Pii<u8>,
    #[pii]
    f40: Pii<u8>,
    #[pii]
    f41: Pii<u8>,
    #[pii]
    f42: Pii<u8>,
    #[pii]
    f43: Pii<u8>,
    #[pii]
    f44: Pii<u8>,
    #[pii]
    f45: Pii<u8>,
    #[pii]
    f46: Pii<u8>,
    #[pii]
    f47: Pii<u8>,
    #[pii]
    f48: Pii<u8>,
    #[pii]
    f49: Pii<u8>,
    #[pii]
    f50: Pii<u8>,
    #[pii]
    f51: Pii<u8>,
    #[pii]
    f52: Pii<u8>,
    #[pii]
    f53: Pii<u8>,
    #[pii]
    f54: Pii<u8>,
    #[pii]
    f55: Pii<u8>,
    #[pii]
    f56: Pii<u8>,
    #[pii]
    f57: Pii<u8>,
    #[pii]
    f58: Pii<u8>,
    #[pii]
    f59: Pii<u8>,
    #[pii]
    f60: Pii<u8>,
    #[pii]
    f61: Pii<u8>,
    #[pii]
    f62: Pii<u8>,
    #[pii]
    f63: Pii<u8>,
    #[pii]
    f64: Pii<u8>,
    #[pii]
    f65: Pii<u8>,
    #[pii]
    f66: Pii<u8>,
    #[pii]
    f67: Pii<u8>,
    #[pii]
    f68: Pii<u8>,
    #[pii]
    f69: Pii<u8>,
    #[pii]
    f70: Pii<u8>,
    #[pii]
    f71: Pii<u8>,
    #[pii]
    f72: Pii<u8>,
    #[pii]
    f73: Pii<u8>,
    #[pii]
    f74: Pii<u8>,
    #[pii]
    f75: Pii<u8>,
    #[pii]
    f76: Pii<u8>,
    #[pii]
    f77: Pii<u8>,
    #[pii]
    f78: Pii<u8>,
    #[pii]
    f79: Pii<u8>,
    #[pii]
    f80: Pii<u8>,
    #[pii]
    f81: Pii<u8>,
    #[pii]
    f82: Pii<u8>,
    #[pii]
    f83: Pii<u8>,
    #[pii]
    f84: Pii<u8>,
    #[pii]
    f85: Pii<u8>,
    #[pii]
    f86: Pii<u8>,
    #[pii]
    f87: Pii<u8>,
    #[pii]
    f88: Pii<u8>,
    #[pii]
    f89: Pii<u8>,
    #[pii]
    f90: Pii<u8>,
    #[pii]
    f91: Pii<u8>,
    #[pii]
    f92: Pii<u8>,
    #[pii]
    f93: Pii<u8>,
    #[pii]
    f94: Pii<u8>,
    #[pii]
    f95: Pii<u8>,
    #[pii]
    f96: Pii<u8>,
    #[pii]
    f97: Pii<u8>,
    #[pii]
    f98: Pii<u8>,
    #[pii]
    f99: Pii<u8>,
    #[pii]
    f100: Pii<u8>,
    #[pii]
    f101: Pii<u8>,
    #[pii]
    f102: Pii<u8>,
    #[pii]
    f103: Pii<u8>,
    #[pii]
    f104: Pii<u8>,
    #[pii]
    f105: Pii<u8>,
    #[pii]
    f106: Pii<u8>,
    #[pii]
    f107: Pii<u8>,
    #[pii]
    f108: Pii<u8>,
    #[pii]
    f109: Pii<u8>,
    #[pii]
    f110: Pii<u8>,
    #[pii]
    f111: Pii<u8>,
    #[pii]
    f112: Pii<u8>,
    #[pii]
    f113: Pii<u8>,
    #[pii]
    f114: Pii<u8>,
    #[pii]
    f115: Pii<u8>,
    #[pii]
    f116: Pii<u8>,
    #[pii]
    f117: Pii<u8>,
    #[pii]
    f118: Pii<u8>,
    #[pii]
    f119: Pii<u8>,
    #[pii]
    f120: Pii<u8>,
    #[pii]
    f121: Pii<u8>,
    #[pii]
    f122: Pii<u8>,
    #[pii]
    f123: Pii<u8>,
    #[pii]
    f124: Pii<u8>,
    #[pii]
    f125: Pii<u8>,
    #[pii]
    f126: Pii<u8>,
    #[pii]
    f127: Pii<u8>,
    #[pii]
    f128: Pii<u8>,
    #[pii]
    f129: Pii<u8>,
    #[pii]
    f130: Pii<u8>,
    #[pii]
    f131: Pii<u8>,
    #[pii]
    f132: Pii<u8>,
    #[pii]
    f133: Pii<u8>,
    #[pii]
    f134: Pii<u8>,
    #[pii]
    f135: Pii<u8>,
    #[pii]
    f136: Pii<u8>,
    #[pii]
    f137: Pii<u8>,
    #[pii]
    f138: Pii<u8>,
    #[pii]
    f139: Pii<u8>,
    #[pii]
    f140: Pii<u8>,
    #[pii]
    f141: Pii<u8>,
    #[pii]
    f142: Pii<u8>,
    #[pii]
    f143: Pii<u8>,
    #[pii]
    f144: Pii<u8>,
    #[pii]
    f145: Pii<u8>,
    #[pii]
    f146: Pii<u8>,
    #[pii]
    f147: Pii<u8>,
    #[pii]
    f148: Pii<u8>,
    #[pii]
    f149: Pii<u8>,
    #[pii]
    f150: Pii<u8>,
    #[pii]
    f151: Pii<u8>,
    #[pii]
    f152: Pii<u8>,
    #[pii]
    f153: Pii<u8>,
    #[pii]
    f154: Pii<u8>,
    #[pii]
    f155: Pii<u8>,
    #[pii]
    f156: Pii<u8>,
    #[pii]
    f157: Pii<u8>,
    #[pii]
    f158: Pii<u8>,
    #[pii]
    f159: Pii<u8>,
    #[pii]
    f160: Pii<u8>,
    #[pii]
    f161: Pii<u8>,
    #[pii]
    f162: Pii<u8>,
    #[pii]
    f163: Pii<u8>,
    #[pii]
    f164: Pii<u8>,
    #[pii]
    f165: Pii<u8>,
    #[pii]
    f166: Pii<u8>,
    #[pii]
    f167: Pii<u8>,
    #[pii]
    f168: Pii<u8>,
    #[pii]
    f169: Pii<u8>,
    #[pii]
    f170: Pii<u8>,
    #[pii]
    f171: Pii<u8>,
    #[pii]
    f172: Pii<u8>,
    #[pii]
    f173: Pii<u8>,
    #[pii]
    f174: Pii<u8>,
    #[pii]
    f175: Pii<u8>,
    #[pii]
    f176: Pii<u8>,
    #[pii]
    f177: Pii<u8>,
    #[pii]
    f178: Pii<u8>,
    #[pii]
    f179: Pii<u8>,
    #[pii]
    f180: Pii<u8>,
    #[pii]
    f181: Pii<u8>,
    #[pii]
    f182: Pii<u8>,
    #[pii]
    f183: Pii<u8>,
    #[pii]
    f184: Pii<u8>,
    #[pii]
    f185: Pii<u8>,
    #[pii]
    f186: Pii<u8>,
    #[pii]
    f187: Pii<u8>,
    #[pii]
    f188: Pii<u8>,
    #[pii]
    f189: Pii<u8>,
    #[pii]
    f190: Pii<u8>,
    #[pii]
    f191: Pii<u8>,
    #[pii]
    f192: Pii<u8>,
    #[pii]
    f193: Pii<u8>,
    #[pii]
    f194: Pii<u8>,
    #[pii]
    f195: Pii<u8>,
    #[pii]
    f196: Pii<u8>,
    #[pii]
    f197: Pii<u8>,
    #[pii]
    f198: Pii<u8>,
    #[pii]
    f199: Pii<u8>,
    #[pii]
    f200: Pii<u8>,
    #[pii]
    f201: Pii<u8>,
    #[pii]
    f202: Pii<u8>,
    #[pii]
    f203: Pii<u8>,
    #[pii]
    f204: Pii<u8>,
    #[pii]
    f205: Pii<u8>,
    #[pii]
    f206: Pii<u8>,
    #[pii]
    f207: Pii<u8>,
    #[pii]
    f208: Pii<u8>,
    #[pii]
    f209: Pii<u8>,
    #[pii]
    f210: Pii<u8>,
    #[pii]
    f211: Pii<u8>,
    #[pii]
    f212: Pii<u8>,
    #[pii]
    f213: Pii<u8>,
    #[pii]
    f214: Pii<u8>,
    #[pii]
    f215: Pii<u8>,
    #[pii]
    f216: Pii<u8>,
    #[pii]
    f217: Pii<u8>,
    #[pii]
    f218: Pii<u8>,
    #[pii]
    f219: Pii<u8>,
    #[pii]
    f220: Pii<u8>,
    #[pii]
    f221: Pii<u8>,
    #[pii]
    f222: Pii<u8>,
    #[pii]
    f223: Pii<u8>,
    #[pii]
    f224: Pii<u8>,
    #[pii]
    f225: Pii<u8>,
    #[pii]
    f226: Pii<u8>,
    #[pii]
    f227: Pii<u8>,
    #[pii]
    f228: Pii<u8>,
    #[pii]
    f229: Pii<u8>,
    #[pii]
    f230: Pii<u8>,
    #[pii]
    f231: Pii<u8>,
    #[pii]
    f232: Pii<u8>,
    #[pii]
    f233: Pii<u8>,
    #[pii]
    f234: Pii<u8>,
    #[pii]
    f235: Pii<u8>,
    #[pii]
    f236: Pii<u8>,
    #[pii]
    f237: Pii<u8>,
    #[pii]
    f238: Pii<u8>,
    #[pii]
    f239: Pii<u8>,
    #[pii]
    f240: Pii<u8>,
    #[pii]
    f241: Pii<u8>,
    #[pii]
    f242: Pii<u8>,
    #[pii]
    f243: Pii<u8>,
    #[pii]
    f244: Pii<u8>,
    #[pii]
    f245: Pii<u8>,
    #[pii]
    f246: Pii<u8>,
    #[pii]
    f247: Pii<u8>,
    #[pii]
    f248: Pii<u8>,
    #[pii]
    f249: Pii<u8>,
    #[pii]
    f250: Pii<u8>,
    #[pii]
    f251: Pii<u8>,
    #[pii]
    f252: Pii<u8>,
    #[pii]
    f253: Pii<u8>,
    #[pii]
    f254: Pii<u8>,
    #[pii]
    f255: Pii<u8>,
}

fn main() {}
