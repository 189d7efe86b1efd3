import { Component, type ReactNode } from 'react'
import { Unavailable } from './Lost'

/** Shows a page that can be reloaded instead of an empty one when drawing fails. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return <Unavailable error={this.state.error} retry={() => location.reload()} />
  }
}
