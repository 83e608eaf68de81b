// A version of a graph's speeds, as it is recorded. Epoch 0 is the graph file's own and is recorded nowhere.

export type SpeedEpoch = {
  readonly graph: string;
  /** From 1, ascending in the order in which epochs were made. */
  readonly epoch: number;
  /** Dispatch time. */
  readonly atMs: number;
  /** sha256 of the graph file whose segments it times. */
  readonly graphHash: string;
  /** Who sent it: free text of the sender. */
  readonly source: string;
  /** sha256 of its rows and of its weights. */
  readonly speedsHash: string;
  readonly weightsHash: string;
  /** Rows that time a segment. */
  readonly rowsInUse: number;
  /** Segments whose time is another than the file's, closed ones included. */
  readonly segmentsChanged: number;
};
