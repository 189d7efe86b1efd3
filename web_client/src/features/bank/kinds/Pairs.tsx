import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useBody, useEditing } from '../context'
import { freeId, moved } from '../draft'
import { Add, Folded, Group, RowButtons, Tick, Whole } from '../fields/Small'
import { FaultsHere } from '../fields/Faults'
import { WordsField } from '../fields/Words'
import type { Matching, Option, Ordering } from '../plain'
import { lettersOf } from '../writing'
import classes from '../bank.module.css'

/** A row is one of the left and what belongs to it; right ones without a partner stand below. */
export function Pairs() {
  const { t } = useTranslation()
  const { body, put } = useBody<Matching>()
  const { left, right, pairs } = body
  const simple = isSimple(body)
  const addPair = () => {
    const one = { id: freeId(left), words: {} }
    const other = { id: freeId(right), words: {} }
    put({ left: [...left, one], right: [...right, other], pairs: [...pairs, { left: one.id, right: other.id }] })
  }
  const alone = right.filter(({ id }) => !pairs.some((one) => one.right === id))
  const change = (side: 'left' | 'right', id: string, part: Partial<Option>) =>
    put({ [side]: body[side].map((one) => (one.id === id ? { ...one, ...part } : one)) })
  const removePair = (one: Option) => {
    const partners = pairs.filter((pair) => pair.left === one.id).map((pair) => pair.right)
    const kept = pairs.filter((pair) => pair.left !== one.id)
    const gone = partners.filter((id) => !kept.some((pair) => pair.right === id))
    put({ left: left.filter((other) => other !== one), right: right.filter(({ id }) => !gone.includes(id)), pairs: kept })
  }
  return (
    <>
      <Group title={t('bank.pairs')} where="body.pairs" text={t('bank.pairsText')}>
        <ul className={classes.rows} data-where="body.left">
          {left.map((one, at) => {
            const name = t('bank.pair', { number: at + 1 })
            const partners = pairs.filter((pair) => pair.left === one.id).map((pair) => pair.right)
            return (
              <li key={one.id} className={classes.pairRow} data-pair={at}>
                <WordsField label={t('bank.leftOf', { number: at + 1 })} quiet where={`body.left[${at}].words`} words={one.words} onChange={(words) => change('left', one.id, { words })} />
                {simple ? (
                  partners.map((id) => {
                    const nth = right.findIndex((other) => other.id === id)
                    return (
                      <WordsField key={id} label={t('bank.rightOf', { number: at + 1 })} quiet where={`body.right[${nth}].words`} words={right[nth]?.words} onChange={(words) => change('right', id, { words })} />
                    )
                  })
                ) : (
                  <Partners body={body} put={put} one={one} at={at} />
                )}
                <RowButtons name={name} at={at} of={left.length} move={(by) => put({ left: moved(left, at, by) })} remove={() => removePair(one)} />
              </li>
            )
          })}
        </ul>
        <FaultsHere where="body.left" />
        {simple && <Add act={addPair}>{t('bank.addPair')}</Add>}
        {!simple && <Add act={() => put({ left: [...left, { id: freeId(left), words: {} }] })}>{t('bank.addLeft')}</Add>}
      </Group>
      <Group title={t(simple ? 'bank.extraRight' : 'bank.rightSide')} where="body.right" text={t('bank.extraRightText')}>
        <ul className={classes.rows}>
          {(simple ? alone : right).map((one) => {
            const nth = right.indexOf(one)
            return (
              <li key={one.id} className={classes.keyRow}>
                <div className={classes.wideField}>
                  <WordsField label={t('bank.rightOf', { number: nth + 1 })} quiet where={`body.right[${nth}].words`} words={one.words} onChange={(words) => change('right', one.id, { words })} />
                </div>
                <RowButtons name={t('bank.rightOf', { number: nth + 1 })} at={nth} of={right.length} remove={() => put({ right: right.filter((other) => other !== one), pairs: pairs.filter((pair) => pair.right !== one.id) })} />
              </li>
            )
          })}
        </ul>
        <Add act={() => put({ right: [...right, { id: freeId(right), words: {} }] })}>{t('bank.addRight')}</Add>
      </Group>
      <Folded title={t('bank.matchingRules')} open={body.most !== undefined && body.most !== 1}>
        <Whole label={t('bank.mostPartners')} where="body.most" value={body.most ?? 1} onChange={(most) => put({ most: most ?? 0 })} help={t('bank.noneIsAny')} />
        <Tick label={t('bank.reuseRight')} checked={body.reuse ?? true} onChange={(reuse) => put({ reuse })} />
      </Folded>
    </>
  )
}

/** Whether each left one has one partner of its own: then both stand in one row. */
function isSimple({ left, pairs, most = 1 }: Matching): boolean {
  const rights = new Set(pairs.map((one) => one.right))
  return most === 1 && rights.size === pairs.length && left.every(({ id }) => pairs.filter((one) => one.left === id).length === 1)
}

function Partners({ body, put, one, at }: { body: Matching; put: (part: Partial<Matching>) => void; one: Option; at: number }) {
  const { t } = useTranslation()
  const { languages } = useEditing()
  const { right, pairs } = body
  return (
    <div className={classes.partners} role="group" aria-label={t('bank.partnersOf', { number: at + 1 })}>
      {right.map((other, n) => {
        const has = pairs.some((pair) => pair.left === one.id && pair.right === other.id)
        const label = lettersOf(other.words[languages[0] ?? 'kk'] ?? other.words.kk ?? other.words.ru ?? other.words.en)
        return (
          <Tick
            key={other.id}
            label={label || t('bank.rightOf', { number: n + 1 })}
            checked={has}
            onChange={() =>
              put({
                pairs: has
                  ? pairs.filter((pair) => !(pair.left === one.id && pair.right === other.id))
                  : [...pairs, { left: one.id, right: other.id }],
              })
            }
          />
        )
      })}
    </div>
  )
}

export function Order() {
  const { t } = useTranslation()
  const { item, change, disabled } = useEditing()
  const { body, put } = useBody<Ordering>()
  const { options } = body
  return (
    <>
      <Group title={t('bank.rightOrder')} where="body.options" text={t('bank.rightOrderText')}>
        <ol className={classes.rows}>
          {options.map((one, at) => {
            const name = t('bank.step', { number: at + 1 })
            return (
              <li key={one.id} className={classes.keyRow}>
                <span className={`num ${classes.number}`}>{at + 1}</span>
                <div className={classes.wideField}>
                  <WordsField
                    label={name}
                    quiet
                    where={`body.options[${at}].words`}
                    words={one.words}
                    onChange={(words) => put({ options: options.map((other) => (other === one ? { ...one, words } : other)) })}
                  />
                </div>
                <RowButtons name={name} at={at} of={options.length} move={(by) => put({ options: moved(options, at, by) })} remove={() => put({ options: options.filter((other) => other !== one) })} />
              </li>
            )
          })}
        </ol>
        <Add act={() => put({ options: [...options, { id: freeId(options), words: {} }] })}>{t('bank.addStep')}</Add>
      </Group>
      <NativeSelect
        label={t('bank.rule')}
        value={item.rule ?? ''}
        disabled={disabled}
        onChange={(event) => {
          const rule = event.currentTarget.value as NonNullable<typeof item.rule>
          change((now) => ({ ...now, rule }))
        }}
        data={['', 'neighbours', 'all_or_nothing'].map((value) => ({ value, label: t(`bank.orderRule.${value || 'per_part'}`) }))}
      />
    </>
  )
}
