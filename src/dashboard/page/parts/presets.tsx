/** Choices of which one holds, as links: each has its URL. */
export function Presets<Choice extends string>({
  label,
  choices,
  chosen,
  hrefOf,
}: {
  label: string;
  choices: Readonly<Record<Choice, string>>;
  chosen: string;
  hrefOf: (choice: Choice) => string;
}) {
  return (
    <nav class="presets" aria-label={label}>
      {(Object.entries(choices) as [Choice, string][]).map(([choice, text]) => (
        <a key={choice} href={hrefOf(choice)} aria-current={choice === chosen ? 'true' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}
