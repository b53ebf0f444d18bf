package io.trainyard.process;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** The targets of faults: processes, database, data folder, and the files of the victim. */
record FaultTargets(Fleet fleet, Database database, DataFolder data, DamagedFiles victim) {
  private static final Map<Object, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

  RestartingProcess member(int number) {
    return fleet.members().get(number);
  }

  /** The kinds of faults that this machine allows. */
  Set<Fault.Kind> possible() {
    EnumSet<Fault.Kind> kinds = EnumSet.allOf(Fault.Kind.class);
    if (!data.isSmall()) {
      kinds.remove(Fault.Kind.FULL_DISK);
    }
    if (!fleet.members().getFirst().clock().canBeWrong()) {
      kinds.remove(Fault.Kind.CLOCK);
    }
    return kinds;
  }

  /** The action of a fault. */
  interface Harm {
    void run() throws Exception;
  }

  /** Runs one action at a time on the same thing. */
  void exclusively(Object thing, Harm harm) throws Exception {
    ReentrantLock lock = LOCKS.computeIfAbsent(thing, _ -> new ReentrantLock());
    lock.lock();
    try {
      harm.run();
    } finally {
      lock.unlock();
    }
  }
}
