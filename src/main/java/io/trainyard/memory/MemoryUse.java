package io.trainyard.memory;

/**
 * The memory of a process at one moment.
 *
 * @param resident bytes in memory, Java heap included, pages of files excluded
 * @param limit the budget of the process
 * @param group the host and the control group of the process
 * @param oomKills the processes of the group that the kernel has killed for memory
 */
public record MemoryUse(long resident, long limit, String group, long oomKills) {
  private static final int FULL_PERCENT = 90;

  /** Whether so much is used that a death is likely one for lack of memory. */
  public boolean full() {
    return resident > limit / 100 * FULL_PERCENT;
  }
}
