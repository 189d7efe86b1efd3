import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useBody, useEditing } from '../context'
import { freeGap, gapBody, gapsIn } from '../draft'
import { Act, Add, Group, Tick, Whole } from '../fields/Small'
import { WordsField } from '../fields/Words'
import type { Cell, Cloze, Gap, GapBody, Table } from '../plain'
import { OptionList } from './Choices'
import { NumericKey, ShortKey } from './Lines'
import classes from '../bank.module.css'

const GAP_KINDS = ['short', 'numeric', 'single'] as const

/** Gaps that the prompt names, each as a question of its own. */
export function ClozeGaps() {
  const { t } = useTranslation()
  const { item } = useEditing()
  const { body, put } = useBody<Cloze>()
  const gaps = gapsIn(item.prompt, body.gaps)
  return (
    <Group title={t('bank.gaps')} where="body.gaps" text={t(gaps.length ? 'bank.gapsText' : 'bank.noGaps')}>
      {gaps.map((gap) => (
        <GapKey
          key={gap.id}
          gap={gap}
          where={`body.gaps[${Math.max(0, body.gaps.findIndex(({ id }) => id === gap.id))}]`}
          put={(next) => put({ gaps: [...body.gaps.filter(({ id }) => id !== gap.id), next] })}
        />
      ))}
    </Group>
  )
}

interface GapProps {
  gap: Gap
  where: string
  put: (gap: Gap) => void
}

function GapKey({ gap, where, put }: GapProps) {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const change = (part: Partial<GapBody>) => put({ ...gap, body: { ...gap.body, ...part } as GapBody })
  const inside = `${where}.body`
  return (
    <section className={classes.gap} aria-label={t('bank.gap', { name: gap.id })} data-where={where} data-gap={gap.id}>
      <div className={classes.row}>
        <b className={classes.blank}>{gap.id}</b>
        <NativeSelect
          label={t('bank.gapKind', { name: gap.id })}
          value={gap.body.kind}
          disabled={disabled}
          onChange={(event) => put({ ...gap, body: gapBody(event.currentTarget.value as GapBody['kind']) })}
          data={GAP_KINDS.map((value) => ({ value, label: t(`bank.kind.${value}`) }))}
        />
        <Whole
          label={t('bank.weight')}
          where={`${where}.weight`}
          value={gap.weight ?? 1}
          className={classes.small}
          onChange={(weight) => put({ ...gap, weight: weight ?? 1 })}
        />
      </div>
      {gap.body.kind === 'short' && <ShortKey body={gap.body} where={inside} put={change} />}
      {gap.body.kind === 'numeric' && <NumericKey body={gap.body} where={inside} put={change} />}
      {gap.body.kind === 'single' && <OptionList body={gap.body} where={inside} put={change as never} />}
    </section>
  )
}

/** A table in which cells are words or gaps. */
export function TableCells() {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  const { body, put } = useBody<Table>()
  const { rows, gaps } = body
  const width = Math.max(0, ...rows.map((row) => row.length))
  const set = (row: number, column: number, cell: Cell, more: Gap[] = []) =>
    put({
      rows: rows.map((cells, r) => (r === row ? cells.map((one, c) => (c === column ? cell : one)) : cells)),
      ...(more.length && { gaps: [...gaps, ...more] }),
    })
  const toGap = (row: number, column: number) => {
    const id = freeGap(gaps)
    set(row, column, { gap: id }, [{ id, body: gapBody('short') }])
  }
  const used = gaps.map((gap, at) => ({ gap, at })).filter(({ gap }) => rows.flat().some((cell) => cell.gap === gap.id))
  return (
    <>
      <Group title={t('bank.tableCells')} where="body.rows" text={t('bank.tableText')}>
        <div className={classes.cells}>
          <table>
            <thead className="vh">
              <tr>
                {rows[0]?.map((_, column) => (
                  <th key={column}>{t('bank.column', { number: column + 1 })}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((cells, row) => (
                <tr key={row}>
                  {cells.map((cell, column) => (
                    <td key={column} data-cell={`${row},${column}`}>
                      <CellField cell={cell} name={t('bank.cell', { row: row + 1, column: column + 1 })} where={`body.rows[${row}][${column}]`} set={(next) => set(row, column, next)} toGap={() => toGap(row, column)} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div className={classes.row}>
          <Add act={() => put({ rows: [...rows, Array.from({ length: width || 2 }, () => ({}))] })}>{t('bank.addRow')}</Add>
          <Add act={() => put({ rows: rows.map((row) => [...row, {}]) })}>{t('bank.addColumn')}</Add>
          {!disabled && rows.length > 1 && (
            <button type="button" className={`${classes.link} sm`} onClick={() => put({ rows: rows.slice(0, -1) })}>
              {t('bank.removeRow')}
            </button>
          )}
          {!disabled && width > 1 && (
            <button type="button" className={`${classes.link} sm`} onClick={() => put({ rows: rows.map((row) => row.slice(0, -1)) })}>
              {t('bank.removeColumn')}
            </button>
          )}
        </div>
      </Group>
      <Group title={t('bank.gaps')} where="body.gaps" text={t(used.length ? 'bank.gapsText' : 'bank.noTableGaps')}>
        {used.map(({ gap, at }) => (
          <GapKey key={gap.id} gap={gap} where={`body.gaps[${at}]`} put={(next) => put({ gaps: gaps.map((one) => (one === gap ? next : one)) })} />
        ))}
      </Group>
    </>
  )
}

interface CellProps {
  cell: Cell
  name: string
  where: string
  set: (cell: Cell) => void
  toGap: () => void
}

function CellField({ cell, name, where, set, toGap }: CellProps) {
  const { t } = useTranslation()
  const { disabled } = useEditing()
  if (cell.gap) {
    return (
      <div className={classes.cellGap}>
        <b className={classes.blank}>{cell.gap}</b>
        {!disabled && <Act icon="trash" label={t('bank.remove', { name: t('bank.gap', { name: cell.gap }) })} act={() => set({})} />}
      </div>
    )
  }
  return (
    <>
      <WordsField label={name} quiet where={`${where}.words`} words={cell.words} onChange={(words) => set({ ...cell, words })} />
      {!disabled && (
        <div className={classes.cellTools}>
          <button type="button" onClick={toGap} aria-label={`${name}: ${t('bank.toGap')}`}>
            {t('bank.toGap')}
          </button>
          <Tick label={t('bank.headCell')} checked={cell.head ?? false} onChange={(head) => set({ ...cell, head })} />
        </div>
      )}
    </>
  )
}
