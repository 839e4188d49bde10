// How requests leave this machine: through the proxies that the environment names, and never by a redirect into the own
// network. A Hub, or who stands in for it, could otherwise make losscope ask what only this machine can reach, as the
// addresses by which a cloud tells its machines their keys.

import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { quoted } from '../../onnx/json.js';
import type { HubEnvironment } from './environment.js';
import { fail } from './failure.js';

/** What requests to one Hub share. */
export interface Network {
  readonly dispatcher: Dispatcher;
  /** Throws when a redirect leads to an address by number that is refused; names are looked at when they are resolved. */
  requireOutside(target: URL, from: URL, what: string): void;
}

/** Never followed: link-local addresses, and the metadata services that lie elsewhere. */
const LOCAL = blockList(['169.254.0.0/16', '100.100.100.200/32'], ['fe80::/10', 'fd00:ec2::254/128']);
/** Followed only from a Hub that lies there itself: a mirror in the own network, or on this machine. */
const INSIDE = blockList(
  ['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['::/127', 'fc00::/7'],
);

function blockList(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [subnets, family] of [
    [v4, 'ipv4'],
    [v6, 'ipv6'],
  ] as const) {
    for (const subnet of subnets) {
      const [address, prefix] = subnet.split('/');
      list.addSubnet(address, Number(prefix), family);
    }
  }
  return list;
}

const networks = new WeakMap<HubEnvironment, Network>();

/** The network of a Hub, made when first asked for. */
export function networkOf(environment: HubEnvironment): Network {
  const network = networks.get(environment) ?? open(environment);
  networks.set(environment, network);
  return network;
}

function open({ endpoint, proxies }: HubEnvironment): Network {
  const own = hostOf(new URL(endpoint));
  let ownIsInside = isIP(own) !== 0 && isIn(INSIDE, own);
  const isRefused = (address: string): boolean =>
    isIn(LOCAL, address) || (isIn(INSIDE, address) && !ownIsInside);
  const lookup: LookupFunction = (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const refused = addresses?.find(({ address }) => isRefused(address));
      if (error) callback(error, '');
      else if (host === own) ownIsInside ||= addresses.some(({ address }) => isIn(INSIDE, address));
      else if (refused) return callback(insideError(`${host} is ${refused.address}`), '');
      if (error) return;
      if (options.all) callback(null, addresses);
      else callback(null, addresses[0].address, addresses[0].family);
    });
  };
  return {
    // The stall clock of a request ends it, not the timeouts of undici.
    dispatcher: new EnvHttpProxyAgent({
      httpProxy: proxyAddress(proxies?.http),
      httpsProxy: proxyAddress(proxies?.https),
      noProxy: proxies?.except ?? '',
      proxyTunnel: false,
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { lookup, timeout: 0 },
    }),
    requireOutside(target, from, what) {
      const host = hostOf(target);
      if (target.origin === new URL(endpoint).origin || isIP(host) === 0 || !isRefused(host)) return;
      throw insideError(`${what}: ${from.host} redirects to ${host}`);
    },
  };
}

function insideError(what: string): Error {
  const line = `${what}, an address of this machine's own network, which a Hub has no business to name: refused; check HF_ENDPOINT`;
  return fail(line, { kind: 'wrong', again: false });
}

/** An address of a proxy: `host:port` stands for http. Empty for none. */
function proxyAddress(text = ''): string {
  if (text === '') return '';
  const full = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(full) && /^(https?|socks5?):$/.test(new URL(full).protocol)) return full;
  throw new Error(
    `the proxy ${quoted(text.replace(/\/\/.*@/, '//'))} of HTTPS_PROXY or HTTP_PROXY is not supported; expected http://host:port or socks5://host:port`,
  );
}

/** Without the brackets of IPv6. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
