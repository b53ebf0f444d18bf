package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.trainyard.access.Proxies;
import io.trainyard.access.ProxyProperties;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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

  /** To write a large answer takes long; no other call and no deadline may wait for that. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nothingWaitsForAnAnswerThatIsWritten() throws Exception {
    ServerStreamTracer tracer = call();
    CountDownLatch writes = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    List<String> done = new CopyOnWriteArrayList<>();
    ServerCall<byte[], byte[]> call =
        new NoopServerCall<>() {
          @Override
          public void sendMessage(byte[] message) {
            writes.countDown();
            try {
              end.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            done.add("message " + message.length);
          }

          @Override
          public void close(Status status, Metadata trailers) {
            done.add(status.getCode() + " " + status.getDescription());
          }
        };
    Context context = Objects.requireNonNull(tracer.filterContext(Context.ROOT));
    AtomicReference<ServerCall<byte[], byte[]>> answered = new AtomicReference<>();
    context.run(
        () -> {
          var _ =
              limits.interceptCall(
                  call,
                  new Metadata(),
                  (given, _) -> {
                    answered.set(given);
                    return new ServerCall.Listener<>() {};
                  });
        });
    ServerCall<byte[], byte[]> bound = Objects.requireNonNull(answered.get());
    Thread handler = Thread.ofPlatform().start(() -> bound.sendMessage(new byte[5]));
    writes.await();

    limits.endLate(System.nanoTime() + Duration.ofMinutes(16).toNanos());
    tracer.inboundWireSize(1);
    tracer.streamClosed(Status.CANCELLED);
    assertThat(done).isEmpty();
    end.countDown();
    handler.join();
    bound.sendMessage(new byte[6]);
    bound.close(Status.OK, new Metadata());
    assertThat(done)
        .containsExactly(
            "message 5", "DEADLINE_EXCEEDED The call has lasted for 15 minutes, the most");
  }

  /** A connection that reads nothing would collect answers without end. */
  @Test
  void answersThatNobodyReadsAreBounded() {
    List<Status> ends = new CopyOnWriteArrayList<>();
    List<Message> sent = new CopyOnWriteArrayList<>();
    ServerStreamTracer first = call();
    ServerStreamTracer second = call();
    for (ServerStreamTracer tracer : List.of(first, second)) {
      ServerCall<byte[], Message> call =
          new NoopServerCall<>() {
            @Override
            public void sendMessage(Message message) {
              sent.add(message);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              ends.add(status);
            }
          };
      Objects.requireNonNull(tracer.filterContext(Context.ROOT))
          .run(
              () -> {
                var _ =
                    limits.interceptCall(
                        call,
                        new Metadata(),
                        (bound, _) -> {
                          bound.sendMessage(StringValue.of("a".repeat(590)));
                          bound.close(Status.OK, new Metadata());
                          return new ServerCall.Listener<>() {};
                        });
              });
    }
    assertThat(sent).hasSize(1);
    assertThat(ends)
        .extracting(Status::getCode)
        .containsExactly(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
    assertThat(ends.getLast().getDescription()).contains("not read", "trainyard.grpc.max-bodies");
    first.streamClosed(Status.OK);
    second.streamClosed(Status.OK);
    assertThat(limits.bytes()).isZero();
  }

  private static class NoopServerCall<Q, A> extends ServerCall<Q, A> {
    @Override
    public void request(int count) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(A message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      throw new UnsupportedOperationException();
    }
  }
}
