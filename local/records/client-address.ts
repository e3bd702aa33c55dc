import type { RecordFields } from "./record-kind.ts";
import type { SeededRandom } from "./seeded-random.ts";

/**
 * The client's address in the forms that workloads write: absent, null, with a port, bracketed,
 * IPv4-mapped, no address at all
 * (https://github.com/elastic/integrations/blob/7aa913e5ee4f2f57f187b8041f28992f9fa8525d/packages/o365/data_stream/audit/_dev/test/pipeline/test-ip-formats-events.json).
 */
export function clientAddress(random: SeededRandom): RecordFields {
  const ipv4 = `${random.pick(["203.0.113", "198.51.100", "192.0.2"])}.${random.whole(1, 254)}`;
  const ipv6 = `2001:db8:${random.hex(3)}::${random.hex(4)}`;
  const port = random.whole(1024, 65_535);
  const draw = random.fraction();
  if (draw < 0.06) {
    return {};
  }
  if (draw < 0.09) {
    return { ClientIP: null };
  }
  if (draw < 0.22) {
    return { ClientIP: `::ffff:${ipv4}` };
  }
  if (draw < 0.3) {
    return { ClientIP: `${ipv4}:${port}` };
  }
  if (draw < 0.33) {
    return { ClientIP: `[${ipv6}]:${port}` };
  }
  if (draw < 0.4) {
    return { ClientIP: ipv6 };
  }
  if (draw < 0.42) {
    return { ClientIPAddress: ipv4 };
  }
  return { ClientIP: draw < 0.425 ? "client-7.example.org" : ipv4 };
}
