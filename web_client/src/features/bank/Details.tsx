import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { named } from '../../base/i18n'
import { compareNames } from '../../base/format'
import { useEditing } from './context'
import { languagesOf } from './draft'
import { Add, Decimal, Folded, Group, Line, RowButtons, Tick, Whole } from './fields/Small'
import { WordsField } from './fields/Words'
import { Percent } from './kinds/Lines'
import { BY_HAND, type Derived, type Feedback, type Item, type Parameter, type Rule } from './plain'
import { Objectives } from './Objectives'
import type { Directory } from './shapes'
import { DIFFICULTIES } from './list'
import classes from './bank.module.css'

/** Kinds that are one thing, right or wrong: no rule makes parts of them. */
const WHOLE = ['single', 'true_false', 'short', 'numeric', 'formula']

/** Points and what else belongs to a question of any kind. */
export function Details({ directory }: { directory: Directory | null }) {
  const { t } = useTranslation()
  const { item } = useEditing()
  return (
    <>
      <Scoring />
      <Folded title={t('bank.about')} open={!!(item.subject || item.difficulty || item.objectives?.length)}>
        <About directory={directory} />
      </Folded>
      <Folded title={t('bank.place.feedback')} open={!!item.feedback}>
        <Feedbacks />
      </Folded>
      <Folded title={t('bank.parameters')} open={!!(item.parameters?.length || item.derived?.length)}>
        <Parameters />
      </Folded>
    </>
  )
}

function useItem() {
  const { item, change, disabled } = useEditing()
  return { item, disabled, put: (part: Partial<Item>) => change((now) => ({ ...now, ...part })) }
}

function Scoring() {
  const { t } = useTranslation()
  const { item, disabled, put } = useItem()
  const { kind } = item.body
  const byHand = BY_HAND.includes(kind)
  const hasRule = !byHand && !WHOLE.includes(kind) && kind !== 'ordering'
  const shuffles = ['single', 'multiple', 'matching', 'cloze', 'table'].includes(kind)
  return (
    <Group title={t('bank.scoring')}>
      <div className={classes.row}>
        <Decimal label={t('bank.points')} where="points" value={item.points} placeholder="1" className={classes.small} onChange={(points) => put({ points: points ?? '1' })} />
        {!byHand && <Percent label={t('bank.penalty')} where="penalty" value={item.penalty ?? '0'} onChange={(penalty) => put({ penalty: penalty ?? '0' })} />}
        {hasRule && (
          <NativeSelect
            label={t('bank.rule')}
            value={item.rule ?? ''}
            disabled={disabled}
            className={classes.wideField ?? ''}
            onChange={(event) => put({ rule: event.currentTarget.value as Rule })}
            data={['', 'all_or_nothing', 'per_part', 'per_part_minus_wrong'].map((value) => ({ value, label: t(`bank.rules.${value || 'own'}`) }))}
          />
        )}
      </div>
      {shuffles && <Tick label={t('bank.shuffle')} checked={item.shuffle ?? true} onChange={(shuffle) => put({ shuffle })} />}
    </Group>
  )
}

function About({ directory }: { directory: Directory | null }) {
  const { t } = useTranslation()
  const { item, disabled, put } = useItem()
  const subjects = (directory?.subjects ?? [])
    .map(({ code, names }) => ({ value: code, label: named(names) }))
    .sort((a, b) => compareNames(a.label, b.label))
  const known = !item.subject || subjects.some(({ value }) => value === item.subject)
  return (
    <>
      <div className={classes.pair}>
        <div data-where="subject">
          <NativeSelect
            label={t('bank.subject')}
            value={item.subject ?? ''}
            disabled={disabled}
            onChange={(event) => put({ subject: event.currentTarget.value })}
            data={[{ value: '', label: t('bank.notSaid') }, ...(known ? [] : [item.subject!]), ...subjects]}
          />
        </div>
        <NativeSelect
          label={t('bank.difficulty')}
          value={String(item.difficulty ?? 0)}
          disabled={disabled}
          onChange={(event) => put({ difficulty: Number(event.currentTarget.value) })}
          data={[0, ...DIFFICULTIES].map((value) => ({ value: String(value), label: t(value ? `bank.level5.${value}` : 'bank.notSaid') }))}
        />
      </div>
      <Objectives directory={directory} />
      <Line label={t('bank.tags')} where="tags" value={(item.tags ?? []).join(', ')} help={t('bank.tagsText')} onChange={(text) => put({ tags: listOf(text) })} />
      <div className={classes.pair}>
        <Line label={t('bank.ownName')} where="name" value={item.name ?? ''} help={t('bank.ownNameText')} onChange={(name) => put({ name })} />
        <Line label={t('bank.family')} where="family" value={item.family ?? ''} help={t('bank.familyText')} onChange={(family) => put({ family })} />
      </div>
    </>
  )
}

/** What is typed, with a space or comma at its end while one goes on typing. */
function listOf(text: string): string[] {
  const parts = text.split(',').map((one, at) => (at ? one.replace(/^ /, '') : one))
  return parts.length === 1 && !parts[0] ? [] : parts
}

function Feedbacks() {
  const { t } = useTranslation()
  const { item, put } = useItem()
  const { feedback = {} } = item
  const byHand = BY_HAND.includes(item.body.kind)
  const set = (name: keyof Feedback, words: Feedback[typeof name]) => {
    const next = { ...feedback, [name]: words }
    if (!languagesOf(words).length) delete next[name]
    put({ feedback: next })
  }
  const names = byHand ? (['general'] as const) : (['general', 'right', 'partly', 'wrong'] as const)
  return (
    <>
      <p className="muted sm">{t('bank.feedbackText')}</p>
      {names.map((name) => (
        <WordsField key={name} label={capital(t(`bank.place.feedback_${name}`))} where={`feedback.${name}`} words={feedback[name]} blocks onChange={(words) => set(name, words)} />
      ))}
    </>
  )
}

/** The names of places stand within sentences elsewhere. */
function capital(words: string): string {
  return words.replace(/^./u, (first) => first.toLocaleUpperCase())
}

function Parameters() {
  const { t } = useTranslation()
  const { item, put } = useItem()
  const { parameters = [], derived = [] } = item
  const change = (at: number, part: Partial<Parameter>) => put({ parameters: parameters.map((one, n) => (n === at ? { ...one, ...part } : one)) })
  const changeDerived = (at: number, part: Partial<Derived>) => put({ derived: derived.map((one, n) => (n === at ? { ...one, ...part } : one)) })
  return (
    <>
      <p className="muted sm">{t('bank.parametersText', { example: '{{a}}' })}</p>
      <div data-where="parameters">
        <ul className={classes.rows}>
          {parameters.map((one, at) => {
            const here = `parameters[${at}]`
            return (
              <li key={at} className={classes.keyRow}>
                <Line label={t('bank.letter')} where={`${here}.name`} value={one.name} className={classes.tiny} onChange={(name) => change(at, { name: name.trim() })} />
                {one.choices?.length ? (
                  <Line label={t('bank.choices')} where={`${here}.choices`} value={one.choices.join(' ')} className={classes.wideField} onChange={(text) => change(at, { choices: numbersOf(text) })} />
                ) : (
                  <>
                    <Decimal label={t('bank.low')} where={`${here}.low`} value={one.low ?? '0'} className={classes.tiny} onChange={(low) => change(at, { low: low ?? '0' })} />
                    <Decimal label={t('bank.high')} where={`${here}.high`} value={one.high ?? '0'} className={classes.tiny} onChange={(high) => change(at, { high: high ?? '0' })} />
                    <Decimal label={t('bank.stepOf')} where={`${here}.step`} value={one.step ?? '1'} className={classes.tiny} onChange={(step) => change(at, { step: step ?? '1' })} />
                  </>
                )}
                <RowButtons name={one.name} at={at} of={parameters.length} remove={() => put({ parameters: parameters.filter((_, n) => n !== at) })} />
                <Tick label={t('bank.fromList')} checked={!!one.choices?.length} onChange={(list) => change(at, { choices: list ? ['1', '2', '5'] : [] })} />
              </li>
            )
          })}
        </ul>
        <Add act={() => put({ parameters: [...parameters, { name: freeName([...parameters, ...derived]), low: '1', high: '10' }] })}>{t('bank.addParameter')}</Add>
      </div>
      <div data-where="derived">
        <ul className={classes.rows}>
          {derived.map((one, at) => {
            const here = `derived[${at}]`
            return (
              <li key={at} className={classes.keyRow}>
                <Line label={t('bank.letter')} where={`${here}.name`} value={one.name} className={classes.tiny} onChange={(name) => changeDerived(at, { name: name.trim() })} />
                <Line label={t('bank.expression')} where={`${here}.expression`} value={one.expression} placeholder="2*a + b" className={classes.wideField} onChange={(expression) => changeDerived(at, { expression })} />
                <Whole label={t('bank.digits')} where={`${here}.digits`} value={one.digits ?? 6} className={classes.tiny} onChange={(digits) => changeDerived(at, { digits: digits ?? 0 })} />
                <RowButtons name={one.name} at={at} of={derived.length} remove={() => put({ derived: derived.filter((_, n) => n !== at) })} />
              </li>
            )
          })}
        </ul>
        <Add act={() => put({ derived: [...derived, { name: freeName([...parameters, ...derived]), expression: '' }] })}>{t('bank.addDerived')}</Add>
      </div>
    </>
  )
}

function numbersOf(text: string): string[] {
  return text.split(/[\s;]+/).map((one) => one.replace(',', '.')).filter(Boolean)
}

function freeName(taken: readonly { name: string }[]): string {
  return [...'abcdkmnpqrs'].find((one) => taken.every(({ name }) => name !== one)) ?? ''
}
