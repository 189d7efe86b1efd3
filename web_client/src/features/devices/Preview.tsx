import { Button, NativeSelect, Switch } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useModel, useValue } from '../../base/react'
import { Cell, type Value } from '../../base/value'
import type { Chosen, DeviceProblem, Devices, InputKind } from '../../media/devices'
import { METER_STEPS, meter, playTones } from '../../media/meter'
import { useServices } from '../../services'
import { Icon } from '../../ui/Icon'
import { Video } from '../../ui/Video'
import classes from './Preview.module.css'

/** One's own picture and voice before others see and hear them, and the choice of devices. */
export function Preview({ devices, name }: { devices: Devices; name: string }) {
  const { t } = useTranslation()
  const camera = useValue(devices.camera)
  const microphone = useValue(devices.microphone)
  return (
    <section aria-label={t('devices.title')}>
      <Picture devices={devices} name={name} />
      <div className={classes.switches}>
        <Turn devices={devices} kind="microphone" />
        <Turn devices={devices} kind="camera" />
      </div>
      <Problems problems={[microphone.problem, camera.problem]} />
      <DeviceChoices devices={devices} />
    </section>
  )
}

/** Which camera, microphone and loudspeaker, each with its proof. */
export function DeviceChoices({ devices }: { devices: Devices }) {
  const { track } = useValue(devices.microphone)
  return (
    <div className={classes.choices}>
      <Choice devices={devices} kind="camera" />
      <Choice devices={devices} kind="microphone">
        {track && <Level devices={devices} />}
      </Choice>
      <Choice devices={devices} kind="speaker">
        <TestSpeaker devices={devices} />
      </Choice>
      <Treatments devices={devices} />
    </div>
  )
}

/** What is done to voice and picture on this computer, and what that does. */
function Treatments({ devices }: { devices: Devices }) {
  const { t } = useTranslation()
  const { quiet, blur } = useValue(devices.treatment)
  return (
    <div className={classes.treatments}>
      <Switch
        label={t('devices.quiet')}
        description={t('devices.quietText')}
        checked={quiet}
        onChange={(event) => devices.treat({ quiet: event.currentTarget.checked })}
      />
      <Switch
        label={t('devices.blur')}
        description={t('devices.blurText')}
        checked={blur}
        onChange={(event) => devices.treat({ blur: event.currentTarget.checked })}
      />
    </div>
  )
}

function Picture({ devices, name }: { devices: Devices; name: string }) {
  const { t } = useTranslation()
  const { track, wanted, problem } = useValue(devices.camera)
  const stream = useModel(() => (track ? new MediaStream([track]) : null), [track])
  const waiting = wanted && !problem
  return (
    <div className={classes.camera}>
      {stream && track ? (
        <Video stream={stream} mirrored label={t('devices.picture')} />
      ) : (
        <p className={classes.dark}>{t(waiting ? 'devices.opening' : 'devices.cameraOff')}</p>
      )}
      {name && (
        <span className={classes.plate}>
          {name}
          {track ? ` · ${t('devices.asSeen')}` : ''}
        </span>
      )}
    </div>
  )
}

function Turn({ devices, kind }: { devices: Devices; kind: InputKind }) {
  const { t } = useTranslation()
  const { wanted, problem } = useValue(devices[kind])
  const on = wanted && !problem
  const icons = { microphone: ['mic', 'mic-off'], camera: ['video', 'video-off'] } as const
  return (
    <button
      type="button"
      className={classes.turn}
      aria-pressed={on}
      onClick={() => devices.want({ [kind]: !on })}
    >
      <Icon name={icons[kind][on ? 0 : 1]} />
      <span>{t(`devices.${kind}`)}</span>
      <span className="muted">{t(on ? 'common.on' : 'common.off')}</span>
    </button>
  )
}

/** The same reason for both devices is told once. */
function Problems({ problems }: { problems: (DeviceProblem | null)[] }) {
  const { t } = useTranslation()
  const [microphone, camera] = problems
  const told =
    microphone && microphone === camera
      ? [t(`devices.problem.${microphone}.both`)]
      : [
          microphone && t(`devices.problem.${microphone}.microphone`),
          camera && t(`devices.problem.${camera}.camera`),
        ].filter(Boolean)
  if (told.length === 0) return null
  return (
    <div className={`note unseen ${classes.problem}`} role="status">
      <Icon name="info" />
      <div>
        {told.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <p>{t('devices.goOn')}</p>
      </div>
    </div>
  )
}

const NO_TRACK: Value<{ track: MediaStreamTrack | null }> = new Cell({ track: null })

function Choice(props: { devices: Devices; kind: keyof Chosen; children?: ReactNode }) {
  const { t } = useTranslation()
  const { devices, kind } = props
  const list = useValue(devices.lists)[kind]
  const chosen = useValue(devices.chosen)[kind]
  const used = useValue(kind === 'speaker' ? NO_TRACK : devices[kind]).track
  const now = used?.getSettings().deviceId ?? chosen
  const known = list.some(({ deviceId }) => deviceId === now)
  const options = list.map(({ deviceId, label }, place) => ({
    value: deviceId,
    label: label || t('devices.nameless', { number: place + 1 }),
  }))
  return (
    <div className={classes.choice}>
      <NativeSelect
        label={t(`devices.${kind}`)}
        value={known ? now : ''}
        data={known ? options : [{ value: '', label: t('devices.usual') }, ...options]}
        onChange={(event) => devices.choose(kind, event.currentTarget.value)}
      />
      {props.children}
    </div>
  )
}

function Level({ devices }: { devices: Devices }) {
  const { t } = useTranslation()
  const { clock } = useServices()
  const level = useModel((scope) => meter(scope, clock, devices.microphone), [devices])
  return (
    <p className={classes.level}>
      <span className="sm muted">{t('devices.level')}</span>
      {level && <Bars level={level} />}
    </p>
  )
}

function Bars({ level }: { level: Value<number> }) {
  const { t } = useTranslation()
  const now = useValue(level)
  return (
    <span
      className={classes.bars}
      role="meter"
      aria-label={t('devices.level')}
      aria-valuemin={0}
      aria-valuemax={METER_STEPS}
      aria-valuenow={now}
    >
      {Array.from({ length: METER_STEPS }, (_, step) => (
        <i key={step} className={step < now ? classes.lit : undefined} />
      ))}
    </span>
  )
}

function TestSpeaker({ devices }: { devices: Devices }) {
  const { t } = useTranslation()
  const { speaker } = useValue(devices.chosen)
  const [playing, setPlaying] = useState(false)
  const play = async () => {
    setPlaying(true)
    await playTones(speaker).catch(() => undefined)
    setPlaying(false)
  }
  return (
    <Button
      variant="subtle"
      size="sm"
      disabled={playing}
      leftSection={<Icon name="volume-2" size={18} />}
      onClick={() => void play()}
    >
      {t(playing ? 'devices.playing' : 'devices.play')}
    </Button>
  )
}
