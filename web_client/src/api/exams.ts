import type { Client } from 'openapi-fetch'
import type { components, paths } from './schema'
import { answer } from './answer'

type Http = Client<paths>
type Schemas = components['schemas']

/** With all that the server fills in by itself where it is not said. */
type Filled<T> = T extends readonly (infer One)[]
  ? Filled<One>[]
  : T extends object
    ? { [Name in keyof T]-?: Filled<Exclude<T[Name], undefined>> }
    : T

export type ExamData = Filled<Schemas['ExamData-Output']>
export type ExamView = Filled<Schemas['ExamView']>
export type ExamRow = Schemas['ExamRow']
export type ExamChoices = Schemas['ExamChoices']
export type TakerView = Schemas['TakerView']
export type TakerData = Filled<Schemas['TakerData']>
export type SittingRow = Schemas['WatchedSitting']
export type MarkingQueue = Schemas['MarkingQueue']
export type MarkingTask = Schemas['MarkingTask']
export type NextTask = Schemas['NextTask']
export type MarkAnswer = Schemas['MarkAnswer']
export type Results = Schemas['Results']
export type AppealView = Schemas['AppealView']
export type Protocol = Schemas['Protocol']
export type Review = Schemas['SittingReview']
export type ExamSheet = Schemas['ExamSheet']
export type BankView = Schemas['BankView']
export type ItemRow = Schemas['ItemRow']
export type ObjectiveView = Schemas['ObjectiveView']

/** A lesson or consultation of the house, by what it is called. */
export type Call = Pick<Schemas['LessonView'], 'id' | 'title' | 'subject' | 'group' | 'starts_at'>

function isToBe({ state }: { state: string }): boolean {
  return state === 'planned' || state === 'open'
}

/** More than any list of tests that somebody looks through: the newest of them. */
const PAGES = 10

function whole(asked: Promise<Schemas['ExamView']>): Promise<ExamView> {
  return asked as Promise<ExamView>
}

/** Tests and exams, for who makes, watches and marks them; and a sitting looked back at. */
export function examsApi(http: Http) {
  const exam = (exam_id: string) => ({ params: { path: { exam_id } } })
  const sitting = (sitting_id: string) => ({ params: { path: { sitting_id } } })
  const readItem = (item_id: string) =>
    answer(http.GET('/api/items/{item_id}', { params: { path: { item_id } } }))
  const itemRows = async (ids: readonly string[]) => {
    const read = await Promise.all(ids.map(async (id) => (await readItem(id).catch(() => null))?.row))
    return read.filter((row) => row !== undefined)
  }
  return {
    list: async () => {
      const items: ExamRow[] = []
      let after: string | null = null
      for (let page = 0; page < PAGES; page++) {
        const query: { after?: string } = after ? { after } : {}
        const read = await answer(http.GET('/api/exams', { params: { query } }))
        items.push(...read.items)
        after = read.next
        if (!after) break
      }
      return { items }
    },
    read: (id: string) => whole(answer(http.GET('/api/exams/{exam_id}', exam(id)))),
    create: (body: ExamData) => whole(answer(http.POST('/api/exams', { body }))),
    change: (id: string, version: number, data: ExamData) =>
      whole(answer(http.PUT('/api/exams/{exam_id}', { ...exam(id), body: { version, data } }))),
    publish: (id: string) =>
      whole(answer(http.POST('/api/exams/{exam_id}/publish', { ...exam(id), body: {} }))),
    cancel: (id: string, why: string) =>
      whole(answer(http.POST('/api/exams/{exam_id}/cancel', { ...exam(id), body: { why } }))),
    preview: (id: string, seed: string, language: 'kk' | 'ru' | 'en') =>
      answer(http.POST('/api/exams/{exam_id}/preview', { ...exam(id), body: { seed, language } })),
    resit: (id: string, body: Schemas['MakeResit']) =>
      whole(answer(http.POST('/api/exams/{exam_id}/resit', { ...exam(id), body }))),
    sheet: (id: string, variants: number, language: 'kk' | 'ru' | 'en', keys: boolean) =>
      answer(
        http.GET('/api/exams/{exam_id}/sheet', {
          params: { path: { exam_id: id }, query: { variants, language, keys } },
        }),
      ),

    /** What an author chooses of: banks, objectives, whom they may examine; and questions named already. */
    material: async (items: readonly string[] = []) => {
      const [{ items: banks }, { items: objectives }, choices, known] = await Promise.all([
        answer(http.GET('/api/banks', { params: { query: {} } })),
        answer(http.GET('/api/objectives', { params: { query: {} } })),
        answer(http.GET('/api/exam-choices')),
        itemRows(items),
      ])
      return { banks, objectives, choices, items: Object.fromEntries(known.map((row) => [row.id, row])) }
    },
    /** Where something may be told aloud: lessons of a day ('' today's), one's own consultations to come, and `chosen`. */
    calls: async (date: string, chosen: string): Promise<Call[]> => {
      const [{ items: lessons }, { items: consultations }, one] = await Promise.all([
        answer(http.GET('/api/lessons', { params: { query: date ? { date } : {} } })),
        answer(http.GET('/api/consultations')),
        chosen
          ? answer(http.GET('/api/lessons/{lesson_id}', { params: { path: { lesson_id: chosen } } })).catch(() => null)
          : null,
      ])
      const free = consultations.flatMap(({ lesson_id, mine, ...rest }) =>
        mine === 'leads' ? [{ id: lesson_id, group: '', ...rest }] : [],
      )
      const all: Call[] = [...(one ? [one.lesson] : []), ...[...lessons, ...free].filter(isToBe)]
      return all.filter(({ id }, at) => all.findIndex((other) => other.id === id) === at)
    },
    beginCall: (title: string): Promise<Call> => answer(http.POST('/api/lessons', { body: { title } })),
    fits: (body: Schemas['FitsAsked']) => answer(http.POST('/api/exam-choices/fits', { body })),
    /** `drafts`: also questions that nobody has approved, for one's own practice. */
    findItems: (bank_id: string, search: string, drafts: boolean, after?: string) =>
      answer(
        http.GET('/api/banks/{bank_id}/items', {
          params: {
            path: { bank_id },
            query: { search, ...(!drafts && { state: 'approved' }), ...(after && { after }) },
          },
        }),
      ),
    /** A question as a learner sees it; `shown` is null while something is wrong with it. */
    lookAt: async (id: string, language: string) => {
      const { item } = await readItem(id)
      const body = { item, seed: '1', language: language as 'kk' | 'ru' | 'en', answer: null }
      return await answer(http.POST('/api/items/preview', { body }))
    },
    /** Of those that may be read. */
    itemRows,
    /** A question as the bank gives it now, with its key. */
    itemKey: async (id: string) => (await readItem(id)).item,

    takers: (id: string) => answer(http.GET('/api/exams/{exam_id}/takers', exam(id))),
    changeTaker: (exam_id: string, person_id: string, body: TakerData) =>
      answer(
        http.PUT('/api/exams/{exam_id}/takers/{person_id}', {
          params: { path: { exam_id, person_id } },
          body,
        }),
      ),
    sittings: (id: string) => answer(http.GET('/api/exams/{exam_id}/sittings', exam(id))),
    move: (id: string, body: Schemas['MoveSitting']) =>
      answer(http.POST('/api/sittings/{sitting_id}/moves', { ...sitting(id), body })),
    ...markingApi(http),
  }
}

function markingApi(http: Http) {
  const exam = (exam_id: string) => ({ params: { path: { exam_id } } })
  const sitting = (sitting_id: string) => ({ params: { path: { sitting_id } } })
  return {
    queue: (id: string) => answer(http.GET('/api/exams/{exam_id}/marking', exam(id))),
    nextTask: (exam_id: string, query: { item?: string; sitting?: string; after?: string }) =>
      answer(
        http.GET('/api/exams/{exam_id}/marking/next', { params: { path: { exam_id }, query } }),
      ),
    mark: (id: string, body: MarkAnswer) =>
      answer(http.POST('/api/sittings/{sitting_id}/marks', { ...sitting(id), body })),
    judge: (id: string, body: Schemas['JudgeSitting']) =>
      answer(http.POST('/api/sittings/{sitting_id}/judge', { ...sitting(id), body })),
    results: (id: string) => answer(http.GET('/api/exams/{exam_id}/results', exam(id))),
    resultsSheet: (id: string) =>
      answer(http.GET('/api/exams/{exam_id}/results/sheet', exam(id))),
    protocol: (id: string) => answer(http.GET('/api/exams/{exam_id}/protocol', exam(id))),
    release: (id: string) =>
      answer(http.POST('/api/exams/{exam_id}/release', { ...exam(id), body: {} })),
    regrade: (id: string, body: Schemas['RegradeItem']) =>
      answer(http.POST('/api/exams/{exam_id}/regrades', { ...exam(id), body })),
    regrades: (id: string) => answer(http.GET('/api/exams/{exam_id}/regrades', exam(id))),
    appeals: (id: string) => answer(http.GET('/api/exams/{exam_id}/appeals', exam(id))),
    appeal: (id: string, body: Schemas['MakeAppeal']) =>
      answer(http.POST('/api/sittings/{sitting_id}/appeal', { ...sitting(id), body })),
    decide: (appeal_id: string, body: Schemas['DecideAppeal']) =>
      answer(http.POST('/api/appeals/{appeal_id}/decide', { params: { path: { appeal_id } }, body })),
    review: (id: string) => answer(http.GET('/api/sittings/{sitting_id}/review', sitting(id))),
  }
}

export type ExamsApi = ReturnType<typeof examsApi>
