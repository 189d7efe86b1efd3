import { expect, it } from 'vitest'
import { ManualClock } from '../../base/clock'
import { Scope } from '../../base/scope'
import { type Channel, Tab } from './tab'

function browser() {
  const clock = new ManualClock(0)
  const channels = new Set<Channel>()
  let count = 0
  const open = () => {
    const scope = new Scope()
    const channel: Channel = {
      onmessage: null,
      close: () => channels.delete(channel),
      postMessage: (data) => {
        for (const other of channels) if (other !== channel) other.onmessage?.({ data } as MessageEvent)
      },
    }
    channels.add(channel)
    return { tab: new Tab(scope, clock, channel, `tab_${++count}`), scope }
  }
  return { clock, open }
}

it('the first page has the sitting, the second is told, and may take it over', () => {
  const { clock, open } = browser()
  const first = open()
  expect(first.tab.state.get()).toBe('asking')
  clock.advance(1_000)
  const second = open()
  expect([first, second].map(({ tab }) => tab.state.get())).toEqual(['ours', 'theirs'])
  clock.advance(1_000)
  expect(second.tab.state.get()).toBe('theirs')
  second.tab.take()
  expect([first, second].map(({ tab }) => tab.state.get())).toEqual(['theirs', 'ours'])
})

it('of two that open at once one has it in the end', () => {
  const { clock, open } = browser()
  const both = [open(), open()]
  clock.advance(1_000)
  expect(both.map(({ tab }) => tab.state.get()).sort()).toEqual(['ours', 'theirs'])
})

it('a page that was closed holds nothing', () => {
  const { clock, open } = browser()
  const first = open()
  clock.advance(1_000)
  first.scope.end()
  const second = open()
  clock.advance(1_000)
  expect(second.tab.state.get()).toBe('ours')
})

it('without channels every page is the only one', () => {
  expect(new Tab(new Scope(), new ManualClock(0), null, 'tab').state.get()).toBe('ours')
})
