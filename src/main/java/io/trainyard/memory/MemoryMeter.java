package io.trainyard.memory;

/** Measures the memory of this process. */
@FunctionalInterface
public interface MemoryMeter {
  MemoryUse read();

  /** A meter of this process, which may use so many bytes. */
  static MemoryMeter ofThisProcess(long limit) {
    ControlGroup group = ControlGroup.ofThisProcess();
    String name = group.name();
    return () -> new MemoryUse(ProcessMemory.resident(), limit, name, group.kills());
  }
}
