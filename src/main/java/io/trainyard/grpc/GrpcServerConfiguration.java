package io.trainyard.grpc;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.trainyard.error.StartRefusedException;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.trace.Spans;
import java.io.IOException;
import java.util.concurrent.Executors;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerExecutorProvider;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.server.GrpcServerFactory;
import org.springframework.grpc.server.ServerBuilderCustomizer;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** The server: its threads, its limits, and its health. */
@Configuration(proxyBeanMethods = false)
@OnApiRole
@ConditionalOnBooleanProperty(name = "spring.grpc.server.enabled", matchIfMissing = true)
class GrpcServerConfiguration {
  /** Of one connection at once; a client waits with the rest. */
  private static final int CALLS_PER_CONNECTION = 256;

  private static final int SPARE = 4 << 20;

  /** What a connection may send before it is read. */
  private static final int WINDOW = 1 << 20;

  @Bean
  GrpcServerExecutorProvider grpcExecutor() {
    return () -> Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
  }

  @Bean
  CallLimits grpcLimits(GrpcProperties properties, GrpcServerProperties server) {
    return new CallLimits(
        properties.maxConnections(),
        properties.maxCalls(),
        properties.bodyBytes(),
        server.getInbound().getMessage().getMaxSize().toBytes());
  }

  @Bean
  ServerBuilderCustomizer<NettyServerBuilder> limitedServer(
      CallLimits limits,
      CallAccess access,
      EndingStreams streams,
      Spans spans,
      GrpcServerProperties properties) {
    // A little more than CallLimits allows, which says more about its refusal.
    int most = Math.toIntExact(properties.getInbound().getMessage().getMaxSize().toBytes());
    return server ->
        server
            .maxInboundMessageSize(most + SPARE)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .initialFlowControlWindow(WINDOW)
            .addTransportFilter(limits.connections())
            .addStreamTracerFactory(limits)
            .intercept(streams)
            .intercept(access)
            .intercept(limits)
            .intercept(new CallIds(spans));
  }

  @Bean
  GrpcServerLifecycle nettyGrpcServerLifecycle(
      GrpcServerFactory factory,
      GrpcServerProperties properties,
      ApplicationEventPublisher publisher) {
    return new PlainStart(factory, properties, publisher);
  }

  /** Says in one sentence why the server cannot listen. */
  private static final class PlainStart extends GrpcServerLifecycle {
    private final GrpcServerProperties properties;

    PlainStart(
        GrpcServerFactory factory,
        GrpcServerProperties properties,
        ApplicationEventPublisher publisher) {
      super(factory, properties.getShutdown().getGracePeriod(), publisher);
      this.properties = properties;
    }

    @Override
    protected void createAndStartGrpcServer() throws IOException {
      try {
        super.createAndStartGrpcServer();
      } catch (IOException e) {
        throw new StartRefusedException(
            "gRPC cannot listen on port %d of %s; choose another with spring.grpc.server.port, or turn it off with spring.grpc.server.enabled=false"
                .formatted(properties.getPort(), properties.getAddress()),
            e);
      }
    }
  }

  @Bean
  EndingStreams endingStreams() {
    return new EndingStreams();
  }

  @Bean(destroyMethod = "enterTerminalState")
  HealthStatusManager grpcHealth() {
    HealthStatusManager health = new HealthStatusManager();
    set(health, false);
    return health;
  }

  @Bean
  BindableService grpcHealthService(HealthStatusManager health) {
    return health.getHealthService();
  }

  /** The health that gRPC tells is the readiness that HTTP tells. */
  @Bean
  ApplicationListener<AvailabilityChangeEvent<ReadinessState>> grpcReadiness(
      HealthStatusManager health) {
    return new ApplicationListener<>() {
      @Override
      public void onApplicationEvent(AvailabilityChangeEvent<ReadinessState> event) {
        set(health, event.getState() == ReadinessState.ACCEPTING_TRAFFIC);
      }
    };
  }

  private static void set(HealthStatusManager health, boolean ready) {
    ServingStatus status = ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(GRPCInferenceServiceGrpc.SERVICE_NAME, status);
  }
}
