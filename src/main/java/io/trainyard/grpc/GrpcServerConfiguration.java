package io.trainyard.grpc;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.trainyard.access.FairSlots;
import io.trainyard.access.Proxies;
import io.trainyard.access.RefusedConnections;
import io.trainyard.error.StartRefusedException;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.os.OpenFiles;
import io.trainyard.os.Watchdog;
import io.trainyard.trace.Spans;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
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

  /** How long a connection may take to begin, with its certificates. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);

  /**
   * The settings of a connection tell its client this limit, so that libraries fail a call with
   * more by themselves. What is sent nevertheless gets 431, and of a quarter more ends the
   * connection: nobody can leave out a part of headers whose compression is a state of all calls.
   */
  private static final int READ_METADATA = GrpcProperties.CONNECTION_BYTES;

  @Bean
  GrpcServerExecutorProvider grpcExecutor() {
    return () -> Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
  }

  /** Ends calls that take too long, from now on. */
  @Bean
  CallLimits grpcLimits(GrpcProperties properties, GrpcServerProperties server, Proxies proxies) {
    CallLimits limits =
        new CallLimits(
            properties.maxCalls(),
            proxies,
            properties.bodyBytes(),
            server.getInbound().getMessage().getMaxSize().toBytes());
    limits.start();
    return limits;
  }

  @Bean(destroyMethod = "shutdownGracefully")
  EventLoopGroup grpcAcceptor() {
    return loops(1, "grpc-accept");
  }

  @Bean(destroyMethod = "shutdownGracefully")
  EventLoopGroup grpcPoller() {
    return loops(Runtime.getRuntime().availableProcessors(), "grpc-poll");
  }

  static EventLoopGroup loops(int threads, String name) {
    return new WatchedLoops(threads, name);
  }

  /**
   * Watched until they are told to end, as those of a start that fails: its reason is told, not the
   * end of its threads.
   */
  private static final class WatchedLoops extends MultiThreadIoEventLoopGroup {
    private final List<Watchdog.Watched> watches = new ArrayList<>();

    WatchedLoops(int threads, String name) {
      super(threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
      for (EventExecutor loop : this) {
        watches.add(Watchdog.condition("A thread of '" + name + "' has ended", loop::isShutdown));
      }
    }

    @Override
    public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
      watches.forEach(Watchdog.Watched::close);
      return super.shutdownGracefully(quietPeriod, timeout, unit);
    }
  }

  /** One setting for both protocols: who asks who calls means all callers. */
  @Bean
  CallLog grpcCallLog(@Value("${trainyard.http.access-log}") boolean isOn, Proxies proxies) {
    return new CallLog(isOn, proxies);
  }

  @Bean
  ServerBuilderCustomizer<NettyServerBuilder> limitedServer(
      CallLimits limits,
      CallAccess access,
      EndingStreams streams,
      Spans spans,
      CallLog log,
      MeterRegistry meters,
      GrpcServerProperties properties,
      GrpcProperties bounds,
      Proxies proxies,
      @Qualifier("grpcAcceptor") EventLoopGroup acceptor,
      @Qualifier("grpcPoller") EventLoopGroup poller) {
    // A little more than CallLimits allows, which says more about its refusal.
    int most = Math.toIntExact(properties.getInbound().getMessage().getMaxSize().toBytes());
    int metadata = Math.toIntExact(properties.getInbound().getMetadata().getMaxSize().toBytes());
    int connections = bounds.connections(Runtime.getRuntime().maxMemory(), OpenFiles.most());
    FairSlots places = new FairSlots(connections, proxies).measured("grpc_connections", meters);
    RefusedConnections refused =
        new RefusedConnections(places, "trainyard.grpc.max-connections with the heap");
    return server ->
        server
            .bossEventLoopGroup(acceptor)
            .workerEventLoopGroup(poller)
            .channelFactory(() -> new BoundedServerChannel(places, refused))
            .handshakeTimeout(HANDSHAKE.toSeconds(), TimeUnit.SECONDS)
            // More than is allowed, so that a call with too much costs only itself.
            .maxInboundMetadataSize(Math.max(metadata, READ_METADATA))
            .maxInboundMessageSize(most + SPARE)
            .maxConcurrentCallsPerConnection(CALLS_PER_CONNECTION)
            .initialFlowControlWindow(WINDOW)
            .addStreamTracerFactory(limits)
            // The last one comes first.
            .intercept(streams)
            .intercept(limits)
            .intercept(access)
            .intercept(new MetadataLimit(metadata))
            .intercept(new CallIds(spans, log));
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

  /** Reflection as older clients ask for it, beside the present one of Spring. */
  @Bean
  @ConditionalOnBooleanProperty(
      name = "spring.grpc.server.reflection.enabled",
      matchIfMissing = true)
  // Its present form is no replacement: the two differ in the name of their service.
  @SuppressWarnings("deprecation")
  BindableService formerReflection() {
    return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
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
