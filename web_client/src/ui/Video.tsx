import { useEffect, useRef } from 'react'

interface Look {
  stream: MediaStream
  publication?: string
  mirrored?: boolean
  className?: string
  label?: string
}

/** A moving picture. It never sounds: sound has elements of its own. */
export function Video({ stream, publication, mirrored, className, label }: Look) {
  const element = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const video = element.current!
    video.srcObject = stream
    video.play().catch(() => undefined)
    return () => {
      video.srcObject = null
    }
  }, [stream])
  return (
    <video
      ref={element}
      className={className}
      style={mirrored ? { transform: 'scaleX(-1)' } : undefined}
      data-publication={publication}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      autoPlay
      playsInline
      muted
    />
  )
}
