package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
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
  void callsBehindOneThatCannotBeAskedAreAsked() {
    AtomicInteger asked = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      Context context = Objects.requireNonNull(call().filterContext(Context.ROOT));
      context.run(
          () ->
              CallLimits.askAgain(
                  () -> {
                    asked.incrementAndGet();
                    throw new IllegalStateException("a fault");
                  }));
    }
    limits.endLate(System.nanoTime());
    assertThat(asked).as("a deadline waits for no issuer").hasValue(0);
    limits.endRefused();
    assertThat(asked).hasValue(3);
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
