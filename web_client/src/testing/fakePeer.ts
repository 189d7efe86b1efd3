import { FakeTrack } from './fakeComputer'

/** One line of a connection, as far as the media path looks at it. */
class FakeTransceiver {
  mid: string | null = null
  readonly sender: {
    track: FakeTrack | null
    replaceTrack: (track: FakeTrack | null) => Promise<void>
    getParameters: () => object
    setParameters: () => Promise<void>
  }
  readonly receiver: { track: FakeTrack }

  constructor(
    track: FakeTrack | null,
    readonly kind: 'audio' | 'video',
    public direction: string,
  ) {
    this.receiver = { track: new FakeTrack(kind) }
    this.sender = {
      track,
      replaceTrack: async (next) => {
        this.sender.track = next
      },
      getParameters: () => ({}),
      setParameters: async () => undefined,
    }
  }
}

/** Stands in for a browser's peer connection: keeps lines and mids, and connects when it is told to. */
export class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = 'new'
  localDescription: { sdp: string } | null = null
  closed = false
  readonly lines: FakeTransceiver[] = []

  addTransceiver(track: FakeTrack, init: { direction: string }): FakeTransceiver {
    const line = new FakeTransceiver(track, track.kind, init.direction)
    this.lines.push(line)
    return line
  }

  getTransceivers(): FakeTransceiver[] {
    return this.lines
  }

  getReceivers() {
    return this.lines.map(({ receiver }) => receiver)
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map()
  }

  async setLocalDescription(): Promise<void> {
    this.lines.forEach((line, place) => {
      line.mid = String(place)
    })
    const sections = this.lines.map(
      ({ mid, kind, direction }) => `m=${kind} 9 X 96\r\na=mid:${mid}\r\na=${direction}\r\n`,
    )
    this.localDescription = { sdp: `v=0\r\n${sections.join('')}` }
  }

  /** An offer makes a line for each of its sections. */
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    if (type !== 'offer') return
    for (const [, kind, mid] of sdp.matchAll(/m=(audio|video)[^]*?a=mid:(\S+)/g)) {
      if (this.lines.some((line) => line.mid === mid)) continue
      const line = new FakeTransceiver(null, kind as 'audio' | 'video', 'recvonly')
      line.mid = mid!
      this.lines.push(line)
    }
  }

  close(): void {
    this.closed = true
    this.connectionState = 'closed'
  }

  become(state: RTCPeerConnectionState): void {
    this.connectionState = state
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}
