import { describe, expect, it } from 'vitest'
import type { Checked, Report, Sheet } from '../../api/types'
import { Refusal } from '../../base/errors'
import { Scope } from '../../base/scope'
import { base64, bytesOf, following, ImportModel, inOrder, kindIn, MOST_BYTES } from './model'

const row = (line: number, outcome: Checked['outcome']) => ({ line, label: '', outcome }) as Checked
const report = (...rows: Checked[]) => {
  const count = (outcome: string) => rows.filter((one) => one.outcome === outcome).length
  return { added: count('add'), same: count('same'), refused: count('refused'), rows } as Report
}

function importing(answer: () => Promise<Report> = async () => report(row(1, 'add'))) {
  const sent: { sheet: Sheet; only_good?: boolean }[] = []
  const scope = new Scope()
  const api = {
    check: async (sheet: Sheet) => {
      sent.push({ sheet })
      return answer()
    },
    take: async (body: { sheet: Sheet; only_good?: boolean }) => {
      sent.push(body)
      return answer()
    },
  }
  const model = new ImportModel(scope, api as never, 2026, '2026-10-19', 'people')
  return { model, sent, scope }
}

describe('ImportModel', () => {
  it('checks what was pasted, then takes the same', async () => {
    const { model, sent } = importing()
    model.change({ text: 'Әбілов Мирас' })
    await model.check()
    expect(model.state.get()).toMatchObject({ report: { added: 1 }, taken: null, busy: false })
    await model.take(true)
    expect(model.state.get().taken).toMatchObject({ added: 1 })
    const sheet = {
      kind: 'people',
      year: 2026,
      first: '2026-10-19',
      until: null,
      text: 'Әбілов Мирас',
      file: '',
      language: 'kk',
    }
    expect(sent).toEqual([{ sheet }, { sheet, only_good: true }])
  })

  it('sends nothing that is empty', async () => {
    const { model, sent } = importing()
    model.change({ text: ' \n' })
    await model.check()
    expect(sent).toEqual([])
  })

  it('sends the file instead of the text, and lessons to the end of the year', async () => {
    const { model, sent } = importing()
    model.change({ kind: 'lessons', text: 'left over' })
    await model.choose(new File(['xlsx'], 'week.xlsx'))
    await model.check()
    expect(sent[0]!.sheet).toMatchObject({ text: '', file: btoa('xlsx'), until: '2027-05-25' })
  })

  it('does not send a file that is too large', async () => {
    const { model } = importing()
    await model.choose(new File([new Uint8Array(MOST_BYTES + 1)], 'large.xlsx'))
    expect(model.state.get()).toMatchObject({ unfit: 'too_large', draft: { file: null } })
  })

  it('forgets what was found out when the list changes', async () => {
    const { model } = importing()
    model.change({ text: 'one' })
    await model.check()
    model.change({ text: 'two' })
    expect(model.state.get()).toMatchObject({ report: null, error: null })
  })

  it('keeps the list when it is refused', async () => {
    const { model } = importing(() => Promise.reject(new Refusal('list_unfit', 422)))
    model.change({ text: 'one' })
    await model.check()
    expect(model.state.get()).toMatchObject({
      busy: false,
      report: null,
      error: { code: 'list_unfit' },
      draft: { text: 'one' },
    })
  })

  it('checks again when rows turned bad between checking and taking', async () => {
    let times = 0
    const { model } = importing(async () => {
      if (++times === 2) throw new Refusal('import_refused', 409, { refused: 1 })
      return report(row(1, times === 1 ? 'add' : 'refused'))
    })
    model.change({ text: 'one' })
    await model.check()
    await model.take(false)
    expect(model.state.get()).toMatchObject({ report: { refused: 1 }, taken: null })
  })
})

it('puts refused rows first', () => {
  const rows = [row(1, 'add'), row(2, 'refused'), row(3, 'same'), row(4, 'refused')]
  expect(inOrder(rows).map(({ line }) => line)).toEqual([2, 4, 1, 3])
})

it('knows the order of moving in, and the kind an address asks for', () => {
  expect([following('classes'), following('lessons')]).toEqual(['people', null])
  expect([kindIn('kind=courses'), kindIn('kind=nothing'), kindIn('')]).toEqual([
    'courses',
    'people',
    'people',
  ])
})

it('turns bytes into base64 and back', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256)
  expect(bytesOf(base64(bytes.buffer))).toEqual(bytes)
})
