import { Button } from '@mantine/core'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Doing } from '../../base/doing'
import { useModel, useValue } from '../../base/react'
import { Icon } from '../../ui/Icon'
import { sizeOf, unfit } from './keeper'
import type { Part } from './part'
import classes from './Question.module.css'
import { Rubric } from './Rubric'
import type { Handed } from './shapes'
import { Trouble } from './Trouble'

const IDLE = new Doing().state

export function Files({ shown, answer, give, disabled, media, files, name }: Part<'file'>) {
  const { t } = useTranslation()
  const field = useRef<HTMLInputElement>(null)
  const all = useRef<HTMLDivElement>(null)
  const doing = useModel(() => new Doing(), [])
  const state = useValue(doing?.state ?? IDLE)
  const [no, setNo] = useState('')
  const held = (answer.kind === 'handed_in' && answer.files) || []
  const room = shown.most_files - held.length
  const said = (bytes: number) => {
    const { unit, number } = sizeOf(bytes)
    return t(`questions.${unit}`, { number })
  }
  const take = async (chosen: readonly File[]) => {
    setNo('')
    const fit = chosen.filter((file) => {
      const why = unfit(file, shown)
      if (why) setNo(t(`questions.file.${why}`, { name: file.name }))
      return !why
    })
    if (fit.length > room) setNo(t('questions.file.many', { number: shown.most_files }))
    const kept = await doing?.run(() => Promise.all(fit.slice(0, room).map((file) => files.put(file, file.name.slice(-255)))))
    if (!kept || kept.length === 0) return
    const fresh = kept.filter((one, at) => ![...held, ...kept.slice(0, at)].some(({ sha256 }) => sha256 === one.sha256))
    if (fresh.length > 0) give({ kind: 'handed_in', files: [...held, ...fresh] })
  }
  const dropped = (event: DragEvent) => {
    event.preventDefault()
    if (!disabled) void take([...event.dataTransfer.files])
  }
  return (
    <div className={classes.stack} ref={all} tabIndex={-1}>
      <Rubric rubric={shown.rubric} media={media} />
      <p className={classes.legend} id={`${name}-files`}>
        {t('questions.handIn', { number: shown.most_files })}
      </p>
      {held.length > 0 && (
        <ul className={classes.chips} data-files={held.length}>
          {held.map((one) => (
            <li key={one.sha256} className={classes.chip}>
              <Icon name="paperclip" size={16} />
              <FileName one={one} find={files.find} />
              <span className="muted sm num">{said(one.size)}</span>
              {!disabled && (
                <button
                  type="button"
                  className={classes.remove}
                  aria-label={t('questions.file.remove', { name: one.name })}
                  onClick={() => {
                    give({ kind: 'handed_in', files: held.filter(({ sha256 }) => sha256 !== one.sha256) })
                    all.current?.focus({ preventScroll: true })
                  }}
                >
                  <Icon name="x" size={16} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {!disabled && room > 0 && (
        <div className={classes.drop} onDragOver={(event) => event.preventDefault()} onDrop={dropped}>
          <input
            ref={field}
            type="file"
            className="vh"
            tabIndex={-1}
            aria-labelledby={`${name}-files`}
            multiple={shown.most_files > 1}
            accept={shown.types.map((type) => `.${type}`).join(',') || undefined}
            onChange={(event) => {
              void take([...(event.currentTarget.files ?? [])])
              event.currentTarget.value = ''
            }}
          />
          <Button
            variant="default"
            aria-busy={state.busy}
            leftSection={<Icon name="upload" size={18} />}
            onClick={() => field.current?.click()}
          >
            {t('questions.file.choose')}
          </Button>
          <span className="sm muted">
            {shown.types.length > 0 && `${shown.types.join(', ')} · `}
            {t('questions.file.upTo', { size: said(shown.most_bytes) })}
          </span>
        </div>
      )}
      {no && (
        <p className="sb-error" role="alert">
          {no}
        </p>
      )}
      {state.error !== null && <Trouble error={state.error} />}
    </div>
  )
}

/** The name, leading to the file where it is to be had. */
function FileName({ one, find }: { one: Handed; find: (sha256: string) => Promise<string | null> }) {
  const [place, setPlace] = useState<string | null>(null)
  useEffect(() => {
    let there = true
    find(one.sha256).then(
      (found) => there && setPlace(found),
      () => undefined,
    )
    return () => {
      there = false
    }
  }, [one.sha256, find])
  return place ? (
    <a href={place} download={one.name}>
      {one.name}
    </a>
  ) : (
    <span>{one.name}</span>
  )
}
