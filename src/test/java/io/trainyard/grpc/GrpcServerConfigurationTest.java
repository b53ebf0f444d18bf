package io.trainyard.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.trainyard.os.Watchdog;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("the watch of the process is counted")
class GrpcServerConfigurationTest {
  /** Else a start that fails slowly ends for its threads, and never says why it failed. */
  @Test
  void loopsThatAreToldToEndAreWatchedNoMore() {
    Watchdog.arm();
    int before = Watchdog.count();
    EventLoopGroup loops = GrpcServerConfiguration.loops(2, "planted");
    try {
      assertThat(Watchdog.count()).isEqualTo(before + 2);
      var _ = loops.shutdownGracefully();
      assertThat(Watchdog.count()).isEqualTo(before);
    } finally {
      Watchdog.disarm();
      var _ = loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }
  }
}
