package io.trainyard.settings;

import io.trainyard.access.AccessMode;
import io.trainyard.access.AccessProperties;
import io.trainyard.error.StartRefusedException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.env.Environment;

/**
 * Whether callers need keys.
 *
 * @param isLocal whether only this machine reaches the service
 * @param adminKey the operator's own key; null without one, and where nobody needs a key
 */
public record AccessSettings(AccessMode mode, boolean isLocal, @Nullable String adminKey) {
  /** The variable with the operator's own key. */
  public static final String ADMIN_KEY = "TRAINYARD_ADMIN_KEY";

  private static final int SHORTEST_KEY = 32;
  private static final int LONGEST_KEY = 512;

  /**
   * As the settings say.
   *
   * @param grpc null when gRPC is off
   * @throws StartRefusedException if the operator's key is weak
   */
  public static AccessSettings of(
      Environment environment,
      AccessProperties properties,
      ServerProperties server,
      @Nullable GrpcServerProperties grpc) {
    boolean isLocal =
        isLoopback(server.getAddress()) && (grpc == null || isLoopback(grpc.getAddress()));
    AccessMode chosen = properties.mode();
    AccessMode mode = chosen != null ? chosen : isLocal ? AccessMode.OPEN : AccessMode.KEYS;
    return new AccessSettings(
        mode, isLocal, mode == AccessMode.KEYS ? adminKey(environment) : null);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "AccessSettings[mode=%s, isLocal=%s]".formatted(mode, isLocal);
  }

  private static boolean isLoopback(@Nullable InetAddress address) {
    return address != null && address.isLoopbackAddress();
  }

  private static @Nullable String adminKey(Environment environment) {
    String chosen = environment.getProperty(ADMIN_KEY);
    if (chosen == null || chosen.isBlank()) {
      return null;
    }
    boolean visible = chosen.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (!visible || chosen.length() < SHORTEST_KEY || chosen.length() > LONGEST_KEY) {
      throw new StartRefusedException(
          "%s must have %d to %d visible ASCII characters, as 'openssl rand -hex 32' gives"
              .formatted(ADMIN_KEY, SHORTEST_KEY, LONGEST_KEY));
    }
    return chosen;
  }
}
