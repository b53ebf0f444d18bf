package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallLimitsTest {
  private final CallLimits limits =
      new CallLimits(10, new Proxies(new ProxyProperties(List.of())), 1000, 600);

  private ServerStreamTracer call() {
    return limits.newServerStreamTracer("m", new Metadata());
  }

  @Test
  void aCallThatIsTooMuchGivesBackWhatItHolds() {
    ServerStreamTracer first = call();
    ServerStreamTracer second = call();
    first.inboundWireSize(500);
    second.inboundWireSize(501);
    assertThat(limits.bytes()).as("the second is refused").isEqualTo(500);
    second.inboundWireSize(100);
    first.inboundUncompressedSize(500);
    assertThat(limits.bytes()).isEqualTo(1000);
    first.streamClosed(Status.OK);
    second.streamClosed(Status.CANCELLED);
    assertThat(limits.bytes()).isZero();
  }

  @Test
  void aSmallMessageMayNotGrowLargeWhenItIsDecompressed() {
    ServerStreamTracer bomb = call();
    bomb.inboundWireSize(10);
    bomb.inboundUncompressedSize(500);
    assertThatThrownBy(() -> bomb.inboundUncompressedSize(101))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    bomb.streamClosed(Status.CANCELLED);
    assertThat(limits.bytes()).isZero();
  }
}
