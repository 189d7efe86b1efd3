import { NativeSelect } from '@mantine/core'
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useTranslation } from 'react-i18next'
import type { Language } from '../../../api/types'
import { useBody, useEditing } from '../context'
import { freeId, languagesOf, moved, say } from '../draft'
import { Act, Add, Folded, Group, RowButtons, Tick, Whole } from '../fields/Small'
import { FaultsHere } from '../fields/Faults'
import { WordsField } from '../fields/Words'
import type { GapBody, Multiple, Option, Single, TrueFalse } from '../plain'
import { read } from '../writing'
import classes from '../bank.module.css'

type Choosing = Single | Multiple
/** Shares of the points that options may give, as Moodle has them. */
const SHARES = ['-1', '-0.5', '-0.3333333', '-0.25', '0', '0.25', '0.3333333', '0.5', '0.6666667', '0.75', '1']

export function Choices() {
  const { t } = useTranslation()
  const { body, put } = useBody<Choosing>()
  return (
    <>
      <OptionList body={body} where="body" put={put} />
      {body.kind === 'multiple' && (
        <Folded title={t('bank.howMany')} open={!!(body.least || body.most)}>
          <div className={classes.pair}>
            <Whole
              label={t('bank.least')}
              where="body.least"
              value={body.least}
              onChange={(least) => put({ least: least ?? 0 })}
            />
            <Whole
              label={t('bank.most')}
              where="body.most"
              value={body.most}
              onChange={(most) => put({ most: most ?? 0 })}
              help={t('bank.noneIsAny')}
            />
          </div>
        </Folded>
      )}
    </>
  )
}

interface ListProps {
  body: Choosing
  where: string
  put: (part: Partial<Choosing>) => void
}

/** Options with their mark of being right. Enter leads to the next one. */
export function OptionList({ body, where, put }: ListProps) {
  const { t } = useTranslation()
  const list = useRef<HTMLUListElement>(null)
  const { options, right } = body
  /** At once: who types fast loses no letter to the row before. */
  const focus = (at: number, language: Language) => {
    const row = list.current?.children[at]
    row?.querySelector<HTMLElement>(`textarea[data-language="${language}"]`)?.focus()
  }
  const withOne = () => [...options, { id: freeId(options), words: {} }]
  const next = (at: number, language: Language) => {
    if (at + 1 === options.length) flushSync(() => put({ options: withOne() }))
    focus(at + 1, language)
  }
  const fill = (at: number, language: Language, lines: string[]) => {
    const made = [...options]
    lines.forEach((line, n) => {
      const one = made[at + n] ?? { id: freeId(made), words: {} }
      made[at + n] = { ...one, words: say(one.words, language, read(line)) }
    })
    flushSync(() => put({ options: made }))
    focus(at + lines.length - 1, language)
  }
  return (
    <Group title={t('bank.options')} where={`${where}.options`} text={t(`bank.markRight.${body.kind}`)}>
      <ul ref={list} className={classes.rows}>
        {options.map((one, at) => (
          <OptionRow
            key={one.id}
            option={one}
            at={at}
            body={body}
            where={where}
            put={put}
            onEnter={(language) => next(at, language)}
            onLines={(language, lines) => fill(at, language, lines)}
          />
        ))}
      </ul>
      <div data-where={`${where}.right`}>
        <FaultsHere where={`${where}.right`} />
        <FaultsHere where={`${where}.worth`} />
      </div>
      <Add act={() => put({ options: withOne() })}>{t('bank.addOption')}</Add>
      {right.length > 1 && body.kind === 'single' && <p className="muted sm">{t('bank.severalRight')}</p>}
    </Group>
  )
}

interface RowProps extends ListProps {
  option: Option
  at: number
  onEnter: (language: Language) => void
  onLines: (language: Language, lines: string[]) => void
}

function OptionRow({ option, at, body, where, put, onEnter, onLines }: RowProps) {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const { options, right, worth = [] } = body
  const share = worth.find(({ id }) => id === option.id)?.share
  const [open, setOpen] = useState(false)
  const name = t('bank.option', { number: at + 1 })
  const change = (part: Partial<Option>) => put({ options: options.map((one) => (one === option ? { ...one, ...part } : one)) })
  const isRight = right.includes(option.id)
  const single = body.kind === 'single'
  const pick = () => {
    if (single) put({ right: [option.id] })
    else put({ right: isRight ? right.filter((id) => id !== option.id) : [...right, option.id] })
  }
  return (
    <li className={classes.option} data-option={at} data-right={isRight}>
      <label className={classes.tickBox} title={t('bank.isRight')}>
        <input
          type={single && right.length < 2 ? 'radio' : 'checkbox'}
          name={`${where}.right`}
          checked={isRight}
          disabled={disabled}
          aria-label={t('bank.rightIs', { name })}
          onChange={pick}
        />
      </label>
      <div className={classes.optionText}>
        <WordsField
          label={name}
          quiet
          where={`${where}.options[${at}].words`}
          words={option.words}
          onChange={(words) => change({ words })}
          onEnter={onEnter}
          onLines={onLines}
        />
      </div>
      <Act icon="ellipsis" label={t('bank.moreOf', { name })} expanded={open} act={() => setOpen(!open)} />
      {open && (
        <div className={classes.optionMore}>
          <WordsField
            label={t('bank.optionFeedback')}
            where={`${where}.options[${at}].feedback`}
            words={option.feedback}
            onChange={(feedback) => change({ feedback })}
          />
          <div className={classes.row}>
            <NativeSelect
              label={t('bank.share')}
              value={share ?? ''}
              disabled={disabled}
              onChange={(event) => {
                const chosen = event.currentTarget.value
                const others = worth.filter(({ id }) => id !== option.id)
                put({ worth: chosen ? [...others, { id: option.id, share: chosen }] : others })
              }}
              data={[{ value: '', label: t('bank.shareOwn') }, ...sharesWith(share)]}
            />
            <Tick label={t('bank.fixed')} checked={option.fixed ?? false} onChange={(fixed) => change({ fixed })} />
            <RowButtons
              name={name}
              at={at}
              of={options.length}
              move={(by) => put({ options: moved(options, at, by) })}
              remove={() =>
                put({
                  options: options.filter((one) => one !== option),
                  right: right.filter((id) => id !== option.id),
                  worth: worth.filter(({ id }) => id !== option.id),
                })
              }
            />
          </div>
        </div>
      )}
    </li>
  )
}

function sharesWith(share: string | undefined): { value: string; label: string }[] {
  const all = !share || SHARES.includes(share) ? SHARES : [...SHARES, share]
  return all.map((value) => ({ value, label: `${Math.round(Number(value) * 10000) / 100} %` }))
}

export function TrueOrFalse() {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const { body, put } = useBody<TrueFalse>()
  return (
    <>
      <Group title={t('bank.rightAnswer')} where="body.right">
        <div className={classes.row} role="radiogroup" aria-label={t('bank.rightAnswer')}>
          {[true, false].map((value) => (
            <label key={String(value)} className={classes.radio}>
              <input
                type="radio"
                name="body.right"
                checked={body.right === value}
                disabled={disabled}
                onChange={() => put({ right: value })}
              />
              {t(value ? 'bank.true' : 'bank.false')}
            </label>
          ))}
        </div>
      </Group>
      <Folded title={t('bank.feedbackEach')} open={languagesOf(body.when_true).length + languagesOf(body.when_false).length > 0}>
        <WordsField label={t('bank.whenTrue')} where="body.when_true" words={body.when_true} onChange={(words) => put({ when_true: words })} />
        <WordsField label={t('bank.whenFalse')} where="body.when_false" words={body.when_false} onChange={(words) => put({ when_false: words })} />
      </Folded>
    </>
  )
}

export type PutGap = (part: Partial<GapBody>) => void
