/** Blurs what is behind a person. Loaded only when somebody wants it; everything comes from our own server. */

interface Results {
  segmentationMask: CanvasImageSource
  image: CanvasImageSource
}

interface Segmenter {
  setOptions(options: { modelSelection: number }): void
  onResults(take: (results: Results) => void): void
  initialize(): Promise<void>
  send(input: { image: HTMLVideoElement }): Promise<void>
  close(): Promise<void>
}

type Maker = new (options: { locateFile: (file: string) => string }) => Segmenter

const HOME = '/blur/'
const FRAMES = 15
const BLUR = 'blur(9px)'
/** A device that has not shown one picture by then is too weak for it. */
const FIRST_WITHIN = 20_000

let loading: Promise<Maker> | null = null

/** The same picture with a blurred background. Rejects where the device cannot do it. */
export async function blurred(track: MediaStreamTrack): Promise<MediaStreamTrack> {
  const make = await (loading ??= load())
  const segmenter = new make({ locateFile: (file) => HOME + file })
  segmenter.setOptions({ modelSelection: 1 })
  const video = document.createElement('video')
  Object.assign(video, { muted: true, playsInline: true, srcObject: new MediaStream([track]) })
  await video.play()
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  const pen = canvas.getContext('2d')!
  segmenter.onResults((results) => paint(pen, results))
  await inTime(segmenter.initialize().then(() => segmenter.send({ image: video })))
  return keepPainting(track, segmenter, video, canvas)
}

function keepPainting(
  track: MediaStreamTrack,
  segmenter: Segmenter,
  video: HTMLVideoElement,
  canvas: HTMLCanvasElement,
): MediaStreamTrack {
  const made = canvas.captureStream(FRAMES).getVideoTracks()[0]!
  let over = false
  const paintNext = async () => {
    if (over) return
    const began = performance.now()
    await segmenter.send({ image: video }).catch(() => undefined)
    if (!over) setTimeout(paintNext, Math.max(0, 1000 / FRAMES - (performance.now() - began)))
  }
  void paintNext()
  const stop = made.stop.bind(made)
  made.stop = () => {
    over = true
    stop()
    track.stop()
    video.srcObject = null
    void segmenter.close().catch(() => undefined)
  }
  return made
}

function paint(pen: CanvasRenderingContext2D, { segmentationMask, image }: Results): void {
  const { width, height } = pen.canvas
  pen.globalCompositeOperation = 'copy'
  pen.drawImage(segmentationMask, 0, 0, width, height)
  pen.globalCompositeOperation = 'source-in'
  pen.drawImage(image, 0, 0, width, height)
  pen.globalCompositeOperation = 'destination-over'
  pen.filter = BLUR
  pen.drawImage(image, 0, 0, width, height)
  pen.filter = 'none'
}

/** The library is an old-fashioned script that leaves its maker in the window. */
function load(): Promise<Maker> {
  const made = new Promise<Maker>((resolve, reject) => {
    const script = document.createElement('script')
    script.src = `${HOME}selfie_segmentation.js`
    script.onload = () => {
      const { SelfieSegmentation } = window as unknown as { SelfieSegmentation?: Maker }
      if (SelfieSegmentation) resolve(SelfieSegmentation)
      else reject(new Error('no segmentation'))
    }
    script.onerror = () => reject(new Error('no segmentation'))
    document.head.append(script)
  })
  made.catch(() => (loading = null))
  return made
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('too slow')), FIRST_WITHIN)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
