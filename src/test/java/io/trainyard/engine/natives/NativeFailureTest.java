package io.trainyard.engine.natives;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeFailureTest {
  @ParameterizedTest
  @CsvSource({
    "index out of range in self, INVALID_BODY",
    "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes, OUT_OF_MEMORY",
    "CUDA out of memory, OUT_OF_MEMORY",
    "std::bad_alloc, OUT_OF_MEMORY",
    "mat1 and mat2 shapes cannot be multiplied, INTERNAL",
  })
  void theMessageDecidesTheCode(String message, ErrorCode code) {
    RuntimeException failure = new RuntimeException(message);
    assertThat(NativeFailure.translate(failure))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasCause(failure);
  }

  @Test
  void aFailedAllocationIsToldWithoutNativeText() {
    RuntimeException failure =
        new RuntimeException(
            "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate"
                + " memory: you tried to allocate 6400000000 bytes. Error code 12 (Cannot allocate"
                + " memory)");
    assertThat(NativeFailure.translate(failure))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY);
              assertThat(e.detail())
                  .isEqualTo("6104 MB found no memory while the network was computed");
            });
  }

  @Test
  void theNativeTraceIsRemoved() {
    RuntimeException failure =
        new RuntimeException("bad shape\nException raised from check at Tensor.cpp:12\nframe #0");
    assertThat(NativeFailure.translate(failure))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.detail()).isEqualTo("bad shape"));
  }

  @Test
  void otherExceptionsPassUnchanged() {
    IllegalStateException failure = new IllegalStateException("index out of range in self");
    assertThat(NativeFailure.translate(failure)).isSameAs(failure);
  }
}
