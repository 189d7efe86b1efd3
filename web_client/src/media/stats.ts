import type { Down } from './down'

export interface Received {
  kind: string
  framesDecoded: number
  frameHeight: number
  freezeCount: number
  packetsReceived: number
  totalAudioEnergy: number
}

/** What has come in so far, by publication. */
export async function readStats(down: Down): Promise<Record<string, Received>> {
  const receivers = new Map(
    down.connection?.getReceivers().map((receiver) => [receiver.track, receiver]) ?? [],
  )
  const read = [...down.streams.get()].map(async ([publication, stream]) => {
    const receiver = receivers.get(stream.getTracks()[0]!)
    const report = await receiver?.getStats()
    const inbound = [...(report?.values() ?? [])].find(({ type }) => type === 'inbound-rtp') ?? {}
    const received: Received = {
      kind: String(inbound.kind ?? ''),
      framesDecoded: Number(inbound.framesDecoded ?? 0),
      frameHeight: Number(inbound.frameHeight ?? 0),
      freezeCount: Number(inbound.freezeCount ?? 0),
      packetsReceived: Number(inbound.packetsReceived ?? 0),
      totalAudioEnergy: Number(inbound.totalAudioEnergy ?? 0),
    }
    return [publication, received] as const
  })
  return Object.fromEntries(await Promise.all(read))
}
