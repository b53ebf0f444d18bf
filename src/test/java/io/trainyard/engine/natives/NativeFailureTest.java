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
    "DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes, TOO_MUCH_MEMORY",
    "CUDA out of memory, TOO_MUCH_MEMORY",
    "mat1 and mat2 shapes cannot be multiplied, INTERNAL",
  })
  void theMessageDecidesTheCode(String message, ErrorCode code) {
    RuntimeException failure = new RuntimeException(message);
    assertThat(NativeFailure.translate(failure))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasCause(failure);
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
