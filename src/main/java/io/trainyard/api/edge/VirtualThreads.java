package io.trainyard.api.edge;

/**
 * Whether virtual threads run, which answer all others. They may have so much work that a new one
 * waits for minutes; then the work of others goes on.
 */
final class VirtualThreads {
  private final OwnConnections own;
  private final SpareCarriers spare;
  private final Runnable heard;
  private long served = -1;

  /** Whether one waits to run. */
  private volatile boolean waits;

  /**
   * @param spare carriers for those that wait
   * @param heard is told each time that they are seen to run
   */
  VirtualThreads(OwnConnections own, SpareCarriers spare, Runnable heard) {
    this.own = own;
    this.spare = spare;
    this.heard = heard;
  }

  /** Starts one, unless the last one still waits, and looks at the work of the others. */
  void look() {
    spare.look(waits);
    if (!waits) {
      waits = true;
      Thread.ofVirtual()
          .start(
              () -> {
                waits = false;
                heard.run();
              });
    }
    long now = own.served();
    if (now != served) {
      served = now;
      heard.run();
    }
  }
}
