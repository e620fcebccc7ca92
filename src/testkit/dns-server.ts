import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net';

/** A record of an answer. Hosts and addresses are written as usual. */
export type DnsRecord =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'SRV'; readonly host: string; readonly port: number; readonly priority?: number }
  | { readonly type: 'MX'; readonly host: string; readonly priority?: number }
  | { readonly type: 'NS' | 'CNAME'; readonly host: string }
  | { readonly type: 'TXT'; readonly text: string };

/** An answer: records, or a code such as 2 for SERVFAIL and 3 for NXDOMAIN. */
export type DnsAnswer = readonly DnsRecord[] | { readonly code: number } | Uint8Array;

export interface DnsQuestion {
  /** In lower case, without a dot at its end. */
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
}

const typeCodes = { A: 1, NS: 2, CNAME: 5, MX: 15, TXT: 16, AAAA: 28, SRV: 33 } as const;

/** What fits into an answer over UDP; more is cut off, so that the client asks again over TCP. */
const maxUdpBytes = 512;

/** A DNS server on a free port of this machine, over UDP and TCP. Close it with `await using`. */
export class DnsServer implements AsyncDisposable {
  /** What it was asked, in order. */
  readonly questions: DnsQuestion[] = [];
  /** What it answers; bytes are sent as they are, and without an answer it is silent. */
  answer: (question: DnsQuestion) => DnsAnswer | undefined;
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();

  private constructor(answer: (question: DnsQuestion) => DnsAnswer | undefined) {
    this.answer = answer;
    this.#udp = createSocket('udp4', (query, peer) => {
      const reply = this.#reply(query, 'udp');
      if (reply !== undefined) this.#udp.send(reply, peer.port, peer.address);
    });
    this.#tcp = createServer((socket) => this.#serve(socket));
  }

  static async start(answer: (question: DnsQuestion) => DnsAnswer | undefined): Promise<DnsServer> {
    const server = new DnsServer(answer);
    await new Promise<void>((resolve) => server.#tcp.listen(0, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => server.#udp.bind(server.#port, '127.0.0.1', resolve));
    return server;
  }

  /** Where it is, as `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = [
      new Promise<void>((resolve) => this.#udp.close(resolve)),
      new Promise<unknown>((resolve) => this.#tcp.close(resolve)),
    ];
    for (const socket of this.#connections) socket.destroy();
    await Promise.all(closed);
  }

  get #port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    let received = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE()) {
        const end = 2 + received.readUInt16BE();
        const reply = this.#reply(received.subarray(2, end), 'tcp');
        if (reply !== undefined) socket.write(Buffer.concat([uint16(reply.length), reply]));
        received = received.subarray(end);
      }
    });
  }

  #reply(query: Buffer, transport: DnsQuestion['transport']): Uint8Array | undefined {
    const { name, end } = readName(query);
    const code = query.readUInt16BE(end);
    const type = Object.entries(typeCodes).find(([, known]) => known === code)?.[0] ?? String(code);
    const question = { name, type, transport };
    this.questions.push(question);
    const answer = this.answer(question);
    if (answer === undefined || answer instanceof Uint8Array) return answer;
    const records = 'code' in answer ? [] : answer.map(encodeRecord);
    const asked = query.subarray(12, end + 4);
    const size = 12 + asked.length + records.reduce((sum, record) => sum + record.length, 0);
    const isCut = transport === 'udp' && size > maxUdpBytes;
    const flags = 0x8180 | (isCut ? 0x0200 : 0) | ('code' in answer ? answer.code : 0);
    const sent = isCut ? [] : records;
    return Buffer.concat([query.subarray(0, 2), uint16(flags, 1, sent.length, 0, 0), asked, ...sent]);
  }
}

/** The name in a question, and where it ends. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** A record about the name in the question. */
function encodeRecord(record: DnsRecord): Buffer {
  const data = encodeData(record);
  const timeToLive = uint16(0, 3600);
  return Buffer.concat([uint16(0xc00c, typeCodes[record.type], 1), timeToLive, uint16(data.length), data]);
}

function encodeData(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return encodeAddress(record.address);
    case 'SRV':
      return Buffer.concat([uint16(record.priority ?? 0, 0, record.port), encodeName(record.host)]);
    case 'MX':
      return Buffer.concat([uint16(record.priority ?? 0), encodeName(record.host)]);
    case 'TXT':
      return Buffer.concat([Buffer.of(record.text.length), Buffer.from(record.text)]);
    default:
      return encodeName(record.host);
  }
}

/** IPv6 addresses must have all of their parts. */
function encodeAddress(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  return uint16(...address.split(':').map((part) => Number.parseInt(part, 16)));
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]), Buffer.of(0)]);
}

function uint16(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2);
  for (const [index, number] of numbers.entries()) bytes.writeUInt16BE(number, index * 2);
  return bytes;
}
