import { connect } from "node:net";
import { networkInterfaces } from "node:os";

/** Those of this machine's addresses on which something listens at a port. */
export async function answeringAddresses(port: number): Promise<string[]> {
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const addresses = new Set([
    "127.0.0.1",
    "127.0.0.2", // loopback too, on Linux: it answers when a server listens on all interfaces
    "::1",
    ...own.map(({ address, scopeid }) => (scopeid ? `${address}%${scopeid}` : address)),
  ]);
  const found: string[] = [];
  for (const address of addresses) {
    if (await answers(address, port)) {
      found.push(address);
    }
  }
  return found;
}

const answers = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
