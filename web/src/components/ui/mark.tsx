/** The product's mark: a shield around two candles. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" fill="none" className={className}>
      <path d="M16 3.5 27.500 7.800v7.600c0 6.600-4.700 11.100-11.500 13.200C9.200 26.500 4.500 22 4.500 15.400V7.800z" stroke="currentColor" strokeWidth="2.200" strokeLinejoin="round" />
      <path d="M12 10v11M20 9v11" stroke="currentColor" strokeWidth="1.600" />
      <rect x="10.200" y="12.500" width="3.600" height="5.500" fill="var(--up)" />
      <rect x="18.200" y="11.300" width="3.600" height="5.500" fill="var(--down)" />
    </svg>
  );
}
