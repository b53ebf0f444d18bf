package io.trainyard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.access.Access;
import io.trainyard.access.AccessKey;
import io.trainyard.access.AccessKeyStore;
import io.trainyard.access.AccessKeys;
import io.trainyard.access.AccessMode;
import io.trainyard.access.AccessProperties;
import io.trainyard.access.AccessProperties.Defaults;
import io.trainyard.access.AccessProperties.Oidc;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.StartRefusedException;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Roles.Role;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

/** When callers need keys, and where the first one comes from. */
@ExtendWith(OutputCaptureExtension.class)
class AccessConfigurationTest {
  private static final Set<Role> BOTH = Set.of(Role.API, Role.WORKER);

  private final MockEnvironment environment = new MockEnvironment();
  private final Store store = new Store();
  private final AccessKeys keys =
      new AccessKeys(store, Limits.NONE, Duration.ofSeconds(2), Clock.systemUTC());

  @AfterEach
  void close() {
    keys.close();
  }

  private static final class Store implements AccessKeyStore {
    final List<AccessKey> stored = new ArrayList<>();

    @Override
    public List<AccessKey> all() {
      return List.copyOf(stored);
    }

    @Override
    public boolean insert(AccessKey key) {
      return stored.add(key);
    }

    @Override
    public boolean delete(String id) {
      return stored.removeIf(key -> key.id().equals(id));
    }

    @Override
    public void used(Map<String, Instant> times) {}
  }

  private Access access(@Nullable AccessMode mode, String http, String grpc, Set<Role> roles) {
    AccessProperties properties =
        new AccessProperties(
            mode,
            Duration.ofSeconds(2),
            Duration.ofDays(1),
            new Defaults(0, 0, DataSize.ofBytes(0), 0),
            new Oidc(null, null, "scope", null));
    ServerProperties server = new ServerProperties();
    server.setAddress(address(http));
    GrpcServerProperties calls = new GrpcServerProperties();
    calls.setAddress(address(grpc));
    return new AccessConfiguration()
        .access(
            keys,
            properties,
            server,
            new ObjectProvider<>() {
              @Override
              public GrpcServerProperties getObject() {
                return calls;
              }
            },
            environment,
            new Roles(roles),
            Clock.systemUTC());
  }

  private static @Nullable InetAddress address(String text) {
    try {
      return text.isEmpty() ? null : InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void onlyLoopbackIsOpenByDefault(CapturedOutput output) {
    assertThat(access(null, "127.0.0.1", "127.0.0.1", BOTH).isOpen()).isTrue();
    assertThat(access(null, "::1", "::1", BOTH).isOpen()).isTrue();
    assertThat(store.stored).isEmpty();
    assertThat(access(null, "0.0.0.0", "0.0.0.0", BOTH).isOpen()).isFalse();
    assertThat(access(null, "", "", BOTH).isOpen()).isFalse();
    assertThat(access(null, "10.0.0.1", "10.0.0.1", BOTH).isOpen()).isFalse();
    assertThat(access(null, "127.0.0.1", "0.0.0.0", BOTH).isOpen()).isFalse();
    assertThat(output).doesNotContain("Everyone");
  }

  @Test
  void openElsewhereIsSaidOnce(CapturedOutput output) {
    assertThat(access(AccessMode.OPEN, "127.0.0.1", "127.0.0.1", BOTH).isOpen()).isTrue();
    assertThat(output).doesNotContain("Everyone");
    assertThat(access(AccessMode.OPEN, "0.0.0.0", "0.0.0.0", BOTH).isOpen()).isTrue();
    assertThat(output.toString().split("Everyone who reaches", -1)).hasSize(2);
    assertThat(store.stored).isEmpty();
  }

  @Test
  void firstStartShowsAKeyOnce(CapturedOutput output) {
    Access access = access(AccessMode.KEYS, "127.0.0.1", "127.0.0.1", BOTH);
    String key = output.toString().replaceFirst("(?s).*(ty_[0-9a-f]{72}).*", "$1");
    assertThat(access.identify("Bearer " + key).has(Scope.ADMIN)).isTrue();
    access(AccessMode.KEYS, "127.0.0.1", "127.0.0.1", BOTH);
    assertThat(output.toString().split("The first key", -1)).hasSize(2);
    assertThat(store.stored.toString()).doesNotContain(key);
  }

  @Test
  void operatorsKeyIsTheFirst(CapturedOutput output) {
    environment.setProperty("TRAINYARD_ADMIN_KEY", "0123456789abcdef0123456789abcdef");
    Access access = access(AccessMode.KEYS, "127.0.0.1", "127.0.0.1", BOTH);
    assertThat(access.identify("Bearer 0123456789abcdef0123456789abcdef").has(Scope.ADMIN))
        .isTrue();
    assertThat(output).doesNotContain("The first key", "0123456789abcdef");
  }

  @Test
  void weakKeyOfTheOperatorIsRefused() {
    for (String weak : List.of("short", "with a space in it and long enough", "é".repeat(40))) {
      environment.setProperty("TRAINYARD_ADMIN_KEY", weak);
      assertThatThrownBy(() -> access(AccessMode.KEYS, "127.0.0.1", "127.0.0.1", BOTH))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("openssl rand -hex 32")
          .hasMessageNotContaining(weak);
    }
  }

  @Test
  void processThatOnlyTrainsShowsNoKey(CapturedOutput output) {
    access(null, "0.0.0.0", "0.0.0.0", Set.of(Role.WORKER));
    assertThat(output).doesNotContain("The first key");
    assertThat(store.stored).isEmpty();
  }
}
