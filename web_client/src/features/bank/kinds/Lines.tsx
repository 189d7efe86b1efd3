import { useTranslation } from 'react-i18next'
import { useBody } from '../context'
import { Add, Decimal, Folded, Group, Line, RowButtons, Tick } from '../fields/Small'
import { FaultsHere } from '../fields/Faults'
import { WordsField } from '../fields/Words'
import type { Accepted, Expression, Near, Numeric, Short, Unit, Variable } from '../plain'
import classes from '../bank.module.css'

export function ShortLine() {
  const { body, put } = useBody<Short>()
  return <ShortKey body={body} where="body" put={put} />
}

interface Props<B> {
  body: B
  where: string
  put: (part: Partial<B>) => void
}

/** Words that are right; a gap has them too. */
export function ShortKey({ body, where, put }: Props<Short>) {
  const { t } = useTranslation()
  const { accepted } = body
  const change = (at: number, part: Partial<Accepted>) =>
    put({ accepted: accepted.map((one, n) => (n === at ? { ...one, ...part } : one)) })
  const add = () => put({ accepted: [...accepted, { text: '' }] })
  return (
    <Group title={t('bank.accepted')} where={`${where}.accepted`} text={t('bank.acceptedText')}>
      <ul className={classes.rows}>
        {accepted.map((one, at) => {
          const name = t('bank.answer', { number: at + 1 })
          const here = `${where}.accepted[${at}]`
          return (
            <li key={at} className={classes.keyRow}>
              <Line label={name} quiet where={`${here}.text`} value={one.text} className={classes.wideField} onChange={(text) => change(at, { text })} onEnter={add} />
              <RowButtons name={name} at={at} of={accepted.length} remove={() => put({ accepted: accepted.filter((_, n) => n !== at) })} />
              <Folded title={t('bank.moreOf', { name })} open={!!(one.pattern || one.share)}>
                <div className={classes.row}>
                  <Percent label={t('bank.share')} where={`${here}.share`} value={one.share} onChange={(share) => change(at, { share: share ?? '1' })} />
                  <Tick label={t('bank.pattern')} checked={one.pattern ?? false} onChange={(pattern) => change(at, { pattern })} />
                </div>
                <WordsField label={t('bank.optionFeedback')} where={`${here}.feedback`} words={one.feedback} onChange={(feedback) => change(at, { feedback })} />
              </Folded>
            </li>
          )
        })}
      </ul>
      <Add act={add}>{t('bank.addAnswer')}</Add>
      <Tick label={t('bank.foldCase')} checked={body.fold_case ?? true} onChange={(fold_case) => put({ fold_case })} />
      <Tick label={t('bank.foldSpace')} checked={body.fold_space ?? true} onChange={(fold_space) => put({ fold_space })} />
    </Group>
  )
}

export function NumericLine() {
  const { body, put } = useBody<Numeric>()
  return <NumericKey body={body} where="body" put={put} />
}

/** Numbers that are right, how far one may be off, and units. */
export function NumericKey({ body, where, put }: Props<Numeric>) {
  const { t } = useTranslation()
  const { near, units = [] } = body
  const change = (at: number, part: Partial<Near>) => put({ near: near.map((one, n) => (n === at ? { ...one, ...part } : one)) })
  return (
    <>
      <Group title={t('bank.rightNumbers')} where={`${where}.near`}>
        <ul className={classes.rows}>
          {near.map((one, at) => {
            const name = t('bank.answer', { number: at + 1 })
            const here = `${where}.near[${at}]`
            return (
              <li key={at} className={classes.keyRow}>
                <Line label={t('bank.number')} where={`${here}.value`} value={one.value} number className={classes.field} onChange={(value) => change(at, { value: value.replace(',', '.') })} />
                <Line label={t('bank.tolerance')} where={`${here}.tolerance`} value={one.tolerance ?? ''} number placeholder="0" className={classes.field} onChange={(tolerance) => change(at, { tolerance: tolerance.replace(',', '.').trim() || '0' })} />
                <RowButtons name={name} at={at} of={near.length} remove={() => put({ near: near.filter((_, n) => n !== at) })} />
                <Folded title={t('bank.moreOf', { name })} open={!!(one.relative || one.share)}>
                  <div className={classes.row}>
                    <Tick label={t('bank.relative')} checked={one.relative ?? false} onChange={(relative) => change(at, { relative })} />
                    <Percent label={t('bank.share')} where={`${here}.share`} value={one.share} onChange={(share) => change(at, { share: share ?? '1' })} />
                  </div>
                  <WordsField label={t('bank.optionFeedback')} where={`${here}.feedback`} words={one.feedback} onChange={(feedback) => change(at, { feedback })} />
                </Folded>
              </li>
            )
          })}
        </ul>
        <Add act={() => put({ near: [...near, { value: '' }] })}>{t('bank.addNumber')}</Add>
      </Group>
      <Folded title={t('bank.units')} open={units.length > 0}>
        <Units units={units} where={`${where}.units`} put={(next) => put({ units: next })} />
        {units.length > 0 && (
          <Percent label={t('bank.unitShare')} where={`${where}.unit_share`} value={body.unit_share} onChange={(unit_share) => put({ unit_share: unit_share ?? '1' })} />
        )}
      </Folded>
    </>
  )
}

function Units({ units, where, put }: { units: readonly Unit[]; where: string; put: (units: Unit[]) => void }) {
  const { t } = useTranslation()
  const change = (at: number, part: Partial<Unit>) => put(units.map((one, n) => (n === at ? { ...one, ...part } : one)))
  return (
    <div data-where={where}>
      <p className="muted sm">{t('bank.unitsText')}</p>
      <ul className={classes.rows}>
        {units.map((one, at) => (
          <li key={at} className={classes.keyRow}>
            <Line label={t('bank.unit')} where={`${where}[${at}].name`} value={one.name} className={classes.field} onChange={(name) => change(at, { name })} />
            <Line label={t('bank.factor')} where={`${where}[${at}].factor`} value={one.factor ?? '1'} number className={classes.field} onChange={(factor) => change(at, { factor: factor.replace(',', '.') })} />
            <RowButtons name={t('bank.unit')} at={at} of={units.length} remove={() => put(units.filter((_, n) => n !== at))} />
          </li>
        ))}
      </ul>
      <FaultsHere where={where} />
      <Add act={() => put([...units, { name: '' }])}>{t('bank.addUnit')}</Add>
    </div>
  )
}

export function FormulaKey() {
  const { t } = useTranslation()
  const { body, put } = useBody<Expression>()
  const { variables = [] } = body
  const change = (at: number, part: Partial<Variable>) => put({ variables: variables.map((one, n) => (n === at ? { ...one, ...part } : one)) })
  return (
    <Group title={t('bank.rightFormula')} where="body" text={t('bank.rightFormulaText')}>
      <Line label={t('bank.formula')} where="body.expression" value={body.expression} onChange={(expression) => put({ expression })} />
      <div data-where="body.variables">
        <p className="sb-label">{t('bank.variables')}</p>
        <p className="muted sm">{t('bank.variablesText')}</p>
        <ul className={classes.rows}>
          {variables.map((one, at) => {
            const here = `body.variables[${at}]`
            return (
              <li key={at} className={classes.keyRow} data-where={here}>
                <Line label={t('bank.letter')} where={`${here}.name`} value={one.name} className={classes.small} onChange={(name) => change(at, { name: name.trim() })} />
                <Decimal label={t('bank.low')} where={`${here}.low`} value={one.low ?? '1'} className={classes.small} onChange={(low) => change(at, { low: low ?? '1' })} />
                <Decimal label={t('bank.high')} where={`${here}.high`} value={one.high ?? '5'} className={classes.small} onChange={(high) => change(at, { high: high ?? '5' })} />
                <RowButtons name={one.name} at={at} of={variables.length} remove={() => put({ variables: variables.filter((_, n) => n !== at) })} />
                <FaultsHere where={here} />
              </li>
            )
          })}
        </ul>
        <Add act={() => put({ variables: [...variables, { name: nextLetter(variables) }] })}>{t('bank.addVariable')}</Add>
      </div>
    </Group>
  )
}

function nextLetter(variables: readonly Variable[]): string {
  return ['x', 'y', 'z', 'a', 'b', 'c', 'n', 'm', 't', 'u', 'v'].find((one) => variables.every(({ name }) => name !== one)) ?? ''
}

interface PercentProps {
  label: string
  where: string
  value: string | undefined
  onChange: (share: string | undefined) => void
}

/** A share of the points, shown in per cent. */
export function Percent({ label, where, value, onChange }: PercentProps) {
  const shown = value === undefined ? '' : percentOf(value)
  return (
    <Line
      label={`${label}, %`}
      where={where}
      value={shown}
      number
      placeholder="100"
      className={classes.small}
      onChange={(text) => onChange(shareOf(text))}
    />
  )
}

function percentOf(share: string): string {
  const number = Number(share)
  return Number.isFinite(number) ? String(Math.round(number * 1e6) / 1e4) : share
}

/** Text that is no number stays, so that it is told. */
function shareOf(text: string): string | undefined {
  const typed = text.replace(',', '.').trim()
  if (!typed) return undefined
  const number = Number(typed)
  return Number.isFinite(number) ? String(Math.round(number * 1e6) / 1e8) : typed
}
