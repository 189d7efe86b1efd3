import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useValue } from '../../base/react'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import type { IconName } from '../../ui/icons'
import classes from './Controls.module.css'
import type { Playback } from './model'
import { type Layout, LAYOUTS, MAIN, SPEEDS } from './shapes'

const LEAP = 10

/** How it is watched: on and off, back and forth, how fast, and what is seen. */
export function Controls({ playback, whole }: { playback: Playback; whole: () => void }) {
  return (
    <div className={classes.bar}>
      <Going playback={playback} />
      <Looking playback={playback} whole={whole} />
      <Choices playback={playback} />
    </div>
  )
}

function Going({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const { wanted } = useValue(playback.going)
  return (
    <div className={classes.group}>
      <Round icon="rotate-ccw" name={t('playback.back')} letter="J" act={() => playback.skip(-LEAP)} />
      <Round
        icon={wanted ? 'pause' : 'play'}
        name={t(wanted ? 'playback.pause' : 'playback.play')}
        letter="K"
        kind={classes.play}
        act={() => playback.toggle()}
      />
      <Round icon="rotate-cw" name={t('playback.on')} letter="L" act={() => playback.skip(LEAP)} />
    </div>
  )
}

function Looking({ playback, whole }: { playback: Playback; whole: () => void }) {
  const { t } = useTranslation()
  const { volume, captions } = useValue(playback.look)
  const silent = volume === 0
  return (
    <div className={classes.group}>
      <Round
        icon={silent ? 'volume-x' : 'volume-2'}
        name={t(silent ? 'playback.sound' : 'playback.silence')}
        letter="M"
        act={() => playback.setLook({ volume: silent ? 1 : 0 })}
      />
      {playback.story.captions.length > 0 && (
        <Round
          icon="captions"
          name={t('playback.captions')}
          letter="C"
          on={captions}
          act={() => playback.setLook({ captions: !captions })}
        />
      )}
      {document.fullscreenEnabled && <Round icon="maximize" name={t('playback.whole')} act={whole} />}
    </div>
  )
}

function Choices({ playback }: { playback: Playback }) {
  const { t } = useTranslation()
  const { rate, layout, place, one } = useValue(playback.look)
  const layouts = LAYOUTS.filter((each) => each !== 'slides' || playback.story.of('showing').length > 0)
  return (
    <div className={classes.choices}>
      <NativeSelect
        label={t('playback.speed')}
        value={String(rate)}
        onChange={(event) => playback.setLook({ rate: Number(event.currentTarget.value) })}
        data={SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` }))}
      />
      <NativeSelect
        label={t('playback.picture')}
        value={one && layout === 'stage' ? 'one' : layout}
        onChange={(event) => {
          const { value } = event.currentTarget
          playback.setLook(value === 'one' ? { layout: 'stage', one: true } : { layout: value as Layout, one: false })
        }}
        data={[
          ...layouts.map((each) => ({ value: each as string, label: t(`playback.layout.${each}`) })),
          { value: 'one', label: t('playback.layout.one') },
        ]}
      />
      {playback.places.length > 1 && (
        <NativeSelect
          label={t('playback.place')}
          value={place}
          onChange={(event) => playback.setLook({ place: event.currentTarget.value })}
          data={playback.places.map(({ id, name }) => ({
            value: id,
            label: id === MAIN ? t('playback.main') : t('playback.breakout', { name }),
          }))}
        />
      )}
    </div>
  )
}

function Round(props: {
  icon: IconName
  name: string
  act: () => void
  letter?: string
  on?: boolean
  kind?: string
}) {
  const letters = useValue(useServices().preferences.letterKeys)
  const { icon, name, act, letter, on, kind = '' } = props
  return (
    <button
      type="button"
      className={`${classes.round} ${kind}`}
      aria-label={name}
      title={letter && letters ? `${name} (${letter})` : name}
      aria-pressed={on}
      aria-keyshortcuts={letters ? letter : undefined}
      onClick={act}
    >
      <Icon name={icon} size={22} />
    </button>
  )
}
