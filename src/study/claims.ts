// Claims: how workers divide the jobs of a study among them while it runs. The plan and the stored results are the truth; what
// is claimed only keeps workers from doing the same work, and may be lost and made again.

/** A job that this worker may do. */
export interface Claim {
  /** Id of the job. */
  readonly job: string;
  /** 1, or one more for every worker that had it before and was lost. */
  readonly taken: number;
}

export interface Claims {
  /**
   * A job that is not done and that nobody works on; waits while others work on all that are left, since they may be lost.
   * Undefined when all are done, or `stopped` says true.
   */
  next(stopped: () => boolean): Promise<Claim | undefined>;
  /** Renews the lease: to be called well before it runs out. False when another worker has taken the job over. */
  keep(claim: Claim): Promise<boolean>;
  /** The results of the job are stored. Also right after another worker took it over. */
  done(claim: Claim): Promise<void>;
  /** Gives the job back undone. */
  release(claim: Claim): Promise<void>;
  close(): Promise<void>;
}
