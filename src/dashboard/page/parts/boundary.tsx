import { Component, type ComponentChildren } from 'preact';

/** A view that fails is a message, never a blank page. */
export class Boundary extends Component<{ children: ComponentChildren }, { error: unknown }> {
  override state = { error: undefined as unknown };

  override componentDidCatch(error: unknown): void {
    console.error(error);
    this.setState({ error: error ?? new Error('something without a name') });
  }

  override render() {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div class="panel empty" role="alert">
        <h1>This page could not be shown</h1>
        <p>That is a fault of the dashboard. Your proxy is not affected.</p>
        <p class="code">{error instanceof Error ? error.message : String(error)}</p>
        <button type="button" class="button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </div>
    );
  }
}
