import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { initialsOf, stopwatch } from '../../base/format'
import { usePart, useValue } from '../../base/react'
import { Icon } from '../../ui/Icon'
import type { Playback } from './model'
import type { Piece } from './shapes'
import { ShownDrawn, ShownSlides } from './Shown'
import type { Shown } from './story'
import { gapAt } from './timeline'
import classes from './Stage.module.css'

/** What is seen at this second; a tap on it plays or stops. */
export function Stage({ playback, roomId, began }: { playback: Playback; roomId: string; began: string }) {
  const { t } = useTranslation()
  const { large, small, speaker, shown } = useValue(playback.stage)
  const { layout } = useValue(playback.look)
  const { wanted, waiting } = useValue(playback.going)
  return (
    <div className={classes.stage} data-large={large?.source ?? (shown ? 'shown' : 'name')} data-layout={layout}>
      {large && <Picture playback={playback} piece={large} className={classes.large} />}
      {!large && shown?.kind === 'slides' && (
        <ShownSlides key={shown.id} roomId={roomId} shown={shown} otherwise={<Named shown={shown} name="" />} />
      )}
      {!large && shown && shown.kind !== 'slides' && (
        <ShownDrawn
          key={shown.id}
          playback={playback}
          shown={shown}
          began={began}
          otherwise={<Named shown={shown} name="" />}
        />
      )}
      {!large && !shown && <Named shown={null} name={speaker?.name ?? ''} />}
      {small && <Picture playback={playback} piece={small} className={classes.small} />}
      {large && speaker && (
        <p className={classes.who}>
          <Icon name="mic" size={14} />
          <span className="cut">{speaker.name}</span>
        </p>
      )}
      <button
        type="button"
        className={classes.press}
        aria-label={t(wanted ? 'playback.pause' : 'playback.play')}
        onClick={() => playback.toggle()}
        tabIndex={-1}
      >
        {!wanted && (
          <span className={classes.play}>
            <Icon name="play" size={36} />
          </span>
        )}
      </button>
      {wanted && waiting && (
        <p className={classes.waiting} role="status">
          {t('playback.waiting')}
        </p>
      )}
      <Gap playback={playback} />
      <Subtitles playback={playback} />
      <Narrow playback={playback} />
    </div>
  )
}

/** A name in place of a picture: of what was shown, or of who speaks. */
function Named({ shown, name }: { shown: Shown | null; name: string }) {
  const { t } = useTranslation()
  return (
    <p className={classes.name}>
      {shown ? (
        <>
          <Icon name="presentation" size={48} />
          {t(`playback.shown.${shown.kind}`, { page: shown.page + 1 })}
        </>
      ) : (
        name && (
          <>
            <span className={classes.initials} aria-hidden="true">
              {initialsOf(name)}
            </span>
            {name}
          </>
        )
      )}
    </p>
  )
}

/** The element lives as long as its piece does; here it gets its place. */
function Picture(props: { playback: Playback; piece: Piece; className?: string }) {
  const { playback, piece, className } = props
  const home = useRef<HTMLDivElement>(null)
  const turn = useValue(playback.reels.turn)
  useEffect(() => {
    const element = playback.reels.elementOf(piece.id)
    if (element && element.parentElement !== home.current) home.current?.replaceChildren(element)
  }, [playback, piece.id, turn])
  return <div ref={home} className={className} data-picture={piece.id} />
}

/** Where nothing was recorded: said, not hidden. */
function Gap({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const at = usePart(playback.at, Math.floor)
  const gap = gapAt(useValue(playback.gaps), at)
  if (!gap) return null
  const length = stopwatch((gap.to - at) * 1000)
  return (
    <p className={classes.gap} role="status">
      <span>{t('playback.gap')}</span>
      {gap.to < playback.seconds && (
        <Button size="sm" variant="default" onClick={() => playback.jump(gap.to)}>
          {t('playback.gapSkip', { length })}
        </Button>
      )}
    </p>
  )
}

/** Several people at once, each with a name. */
function Subtitles({ playback }: { playback: Playback }) {
  const { captions } = useValue(playback.look)
  const said = usePart(playback.at, (at) => playback.story.captionsAt(at))
  if (!captions) return null
  return (
    <div className={classes.subtitles} data-subtitles>
      {said.map(({ name, text }) => (
        <p key={name}>
          {name && <b>{name}: </b>}
          {text}
        </p>
      ))}
    </div>
  )
}

function Narrow({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const { narrow, refused } = useValue(playback.going)
  const { layout } = useValue(playback.look)
  if (refused) {
    return (
      <p className={classes.notice} role="alert">
        {t('playback.refused')}
      </p>
    )
  }
  if (!narrow || layout === 'sound') return null
  return (
    <div className={classes.notice} role="status">
      <p>{t('playback.narrow')}</p>
      <Button size="sm" onClick={() => playback.setLook({ layout: 'sound' })}>
        {t('playback.layout.sound')}
      </Button>
    </div>
  )
}
