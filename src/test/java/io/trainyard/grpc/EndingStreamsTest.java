package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.StaticApplicationContext;

/** A caller that watches the health for ever does not hold up the end of the process. */
@Timeout(60)
@Tag("long")
class EndingStreamsTest {
  @Test
  void aWatchEndsWhenTheProcessStops() throws Exception {
    EndingStreams streams = new EndingStreams();
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new HealthStatusManager().getHealthService())
            .intercept(streams)
            .build()
            .start();
    ManagedChannel channel =
        ManagedChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    HealthGrpc.newStub(channel)
        .watch(
            HealthCheckRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse answer) {
                seen.add(answer.getStatus());
              }

              @Override
              public void onError(Throwable failure) {
                seen.add(Status.fromThrowable(failure).getCode());
              }

              @Override
              public void onCompleted() {
                seen.add("completed");
              }
            });
    try {
      assertThat(seen.poll(30, TimeUnit.SECONDS))
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);

      server.shutdown();
      streams.onApplicationEvent(new ContextClosedEvent(new StaticApplicationContext()));

      assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(server.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }
}
