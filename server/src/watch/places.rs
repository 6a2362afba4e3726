//! Networks and the places a house says they are of: data of a deployment; it must ask nobody where an address is.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Networks named at most.
const NETWORKS_MAX: usize = 256;

/// A place, by its number among those named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub u16);

/// Addresses that begin alike: the address, and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network(IpAddr, u32);

/// `[watch.places]` of `turretd.toml`: networks by name of place.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Places {
    names: Vec<String>,
    networks: Vec<(Network, Place)>,
}

impl Places {
    /// As the file of a new deployment spells them out.
    pub(super) fn text(&self) -> String {
        let named = BTreeMap::from(self.clone());
        let lines: String = named.iter().map(|(network, name)| format!("\"{network}\" = \"{name}\"\n")).collect();
        format!(
            "\n[watch.places]\n# Networks by place, as \"10.1.0.0/16\" = \"london\": nobody is in two within place_minutes.\n{lines}"
        )
    }

    /// True where none is named.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Where an address is, by the narrowest network named that it is of.
    #[must_use]
    pub fn of(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let fits = self.networks.iter().filter(|(network, _)| network.has(address));
        fits.max_by_key(|(network, _)| network.1).map(|(_, place)| *place)
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits) = (address.parse::<IpAddr>().ok()?, bits.parse::<u32>().ok()?);
        (bits <= width(address)).then_some(Self(address, bits))
    }

    fn has(self, address: IpAddr) -> bool {
        width(self.0) == width(address) && head(self.0, self.1) == head(address, self.1)
    }
}

const fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first bits of an address, as a number.
fn head(address: IpAddr, bits: u32) -> u128 {
    let value = match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    value.checked_shr(width(address).saturating_sub(bits)).unwrap_or(0)
}

impl From<Places> for BTreeMap<String, String> {
    fn from(places: Places) -> Self {
        let name = |place: Place| places.names.get(usize::from(place.0)).cloned().unwrap_or_default();
        places.networks.iter().map(|(network, place)| (format!("{}/{}", network.0, network.1), name(*place))).collect()
    }
}

impl TryFrom<BTreeMap<String, String>> for Places {
    type Error = String;

    fn try_from(named: BTreeMap<String, String>) -> Result<Self, String> {
        if named.len() > NETWORKS_MAX {
            return Err(format!("watch.places: at most {NETWORKS_MAX} networks"));
        }
        let mut places = Self::default();
        for (text, name) in named {
            let network = Network::parse(&text);
            let network = network.ok_or_else(|| format!("watch.places: `{text}` is no network such as 10.1.0.0/16"))?;
            let known = places.names.iter().position(|known| *known == name).unwrap_or(places.names.len());
            if known == places.names.len() {
                places.names.push(name);
            }
            places.networks.push((network, Place(u16::try_from(known).unwrap_or(u16::MAX))));
        }
        Ok(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[(&str, &str)]) -> Result<Places, String> {
        let named: BTreeMap<_, _> = lines.iter().map(|(network, name)| ((*network).into(), (*name).into())).collect();
        Places::try_from(named)
    }

    #[test]
    fn the_narrowest_network_names_the_place_and_a_misspelt_one_is_refused() {
        let places = read(&[
            ("10.0.0.0/8", "london"),
            ("10.7.0.0/16", "zurich"),
            ("192.0.2.0/24", "london"),
            ("2001:db8::/32", "zurich"),
        ])
        .unwrap();
        let of = |text: &str| places.of(text.parse().unwrap());
        assert_eq!(of("10.1.2.3"), of("192.0.2.9"));
        assert_eq!(of("10.7.2.3"), of("2001:db8::9"));
        assert_ne!(of("10.7.2.3"), of("10.8.2.3"));
        assert_eq!(of("::ffff:10.1.2.3"), of("10.1.2.3"));
        assert_eq!(of("198.51.100.1"), None);
        for text in ["10.0.0.0", "10.0.0.0/33", "ten/8", "2001:db8::/129"] {
            assert!(read(&[(text, "x")]).unwrap_err().contains("is no network"), "{text}");
        }
        assert_eq!(read(&[("0.0.0.0/0", "all")]).unwrap().of("203.0.113.5".parse().unwrap()), Some(Place(0)));
    }
}
