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
import io.trainyard.access.Binding;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import io.trainyard.error.StartRefusedException;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Roles.Role;
import io.trainyard.settings.AccessSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.unit.DataSize;

/** When callers need keys, and where the first one comes from. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("the output of the process is read")
class AccessConfigurationTest {
  private static final Set<Role> BOTH = Set.of(Role.API, Role.WORKER);

  private final MockEnvironment environment = new MockEnvironment();
  private final Store store = new Store();
  private final AccessKeys keys =
      new AccessKeys(store, Limits.NONE, Duration.ofSeconds(2), true, Clock.systemUTC());

  @AfterEach
  void close() {
    keys.close();
  }

  private static final class Store implements AccessKeyStore {
    final List<AccessKey> stored = new ArrayList<>();
    boolean leavesAdmin;

    @Override
    public List<AccessKey> all() {
      return List.copyOf(stored);
    }

    @Override
    public boolean insert(AccessKey key) {
      return stored.add(key);
    }

    @Override
    public boolean delete(String id, boolean leavesAdmin) {
      this.leavesAdmin = leavesAdmin;
      return stored.removeIf(key -> key.id().equals(id));
    }

    @Override
    public void used(Map<String, Instant> times) {}
  }

  private static AccessProperties properties(@Nullable AccessMode mode, @Nullable String issuer) {
    return new AccessProperties(
        mode,
        Duration.ofSeconds(2),
        Duration.ofDays(1),
        new Defaults(0, 0, DataSize.ofBytes(0), 0),
        new Oidc(issuer, "trainyard", null, "scope", null, null));
  }

  private Access access(@Nullable AccessMode mode, String http, String grpc, Set<Role> roles) {
    AccessProperties properties = properties(mode, null);
    return new AccessConfiguration()
        .access(
            keys,
            properties,
            settings(properties, http, grpc),
            new Roles(roles),
            Clock.systemUTC());
  }

  private AccessSettings settings(AccessProperties properties, String http, String grpc) {
    return new AccessConfiguration()
        .accessSettings(environment, properties, server(http), calls(grpc));
  }

  private static ServerProperties server(String address) {
    ServerProperties server = new ServerProperties();
    server.setAddress(address(address));
    return server;
  }

  private static ObjectProvider<GrpcServerProperties> calls(String address) {
    GrpcServerProperties calls = new GrpcServerProperties();
    calls.setAddress(address(address));
    return new ObjectProvider<>() {
      @Override
      public GrpcServerProperties getObject() {
        return calls;
      }
    };
  }

  /** Whether the last key of an administrator cannot be revoked. */
  private boolean keepsAdmin(AccessProperties properties, String address) {
    String id = UUID.randomUUID().toString();
    try (AccessKeys made =
        new AccessConfiguration()
            .accessKeys(
                store, properties, settings(properties, address, address), Clock.systemUTC())) {
      id =
          made.create(
                  new AccessKey.Wanted(
                      id.substring(0, 8),
                      Set.of(Scope.READ),
                      Binding.ALL,
                      Binding.ALL,
                      Limits.NONE,
                      0,
                      null))
              .key()
              .id();
      made.delete(id);
    }
    return store.leavesAdmin;
  }

  @Test
  void lastKeyIsKeptOnlyWhereNobodyElseCanComeIn() {
    assertThat(keepsAdmin(properties(null, null), "0.0.0.0")).isTrue();
    assertThat(keepsAdmin(properties(AccessMode.KEYS, null), "127.0.0.1")).isTrue();
    assertThat(keepsAdmin(properties(null, null), "127.0.0.1")).isFalse();
    assertThat(keepsAdmin(properties(AccessMode.OPEN, null), "0.0.0.0")).isFalse();
    assertThat(keepsAdmin(properties(AccessMode.KEYS, "https://login"), "0.0.0.0")).isFalse();
    // It comes in by its stored row, which stands in for all others.
    environment.setProperty("TRAINYARD_ADMIN_KEY", "0123456789abcdef0123456789abcdef");
    assertThat(keepsAdmin(properties(AccessMode.KEYS, null), "0.0.0.0")).isTrue();
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
