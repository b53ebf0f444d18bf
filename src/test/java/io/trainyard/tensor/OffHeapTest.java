package io.trainyard.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffHeapTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1000, 1 << 16, (1 << 20) + 3})
  void aBlockIsZeroedAlignedAndWritable(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = OffHeap.allocate(bytes, arena);

      assertThat(block.byteSize()).isEqualTo(bytes);
      assertThat(block.address() % OffHeap.ALIGNMENT).isZero();
      assertThat(block.toArray(ValueLayout.JAVA_BYTE)).containsOnly(new byte[(int) bytes]);
      block.fill((byte) 1);
    }
  }

  @Test
  void aBlockEndsWithItsArena() {
    MemorySegment block;
    try (Arena arena = Arena.ofShared()) {
      block = OffHeap.allocate(1 << 20, arena);
    }
    assertThat(block.scope().isAlive()).isFalse();
  }

  @Test
  void largeTensorsDoNotCountAsDirectMemory() {
    long before = directMemory();
    HostTensor tensor = HostTensor.allocate(ElementType.FLOAT32, Shape.of(64, 1 << 20));

    assertThat(directMemory() - before).isLessThan(tensor.bytes() / 2);
  }

  @Test
  void aSizeThatNoMachineHasIsOutOfMemory() {
    assertThatThrownBy(() -> OffHeap.allocateCollected(1L << 60))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY))
        .hasMessageContaining("1099511627777 MB");
  }

  @Test
  void garbageIsCollectedWhenBlocksPileUpAndNotBefore() {
    List<String> collections = new ArrayList<>();
    OffHeap.Collection collection = new OffHeap.Collection(100, () -> collections.add("gc"));

    collection.allocated(100);
    assertThat(collections).isEmpty();
    collection.allocated(1);
    assertThat(collections).hasSize(1);
    // All of it is still used: the next collection waits for another 100.
    collection.allocated(100);
    assertThat(collections).hasSize(1);
    collection.allocated(1);
    assertThat(collections).hasSize(2);
    collection.freed(202);
    collection.allocated(101);
    assertThat(collections).hasSize(3);
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
