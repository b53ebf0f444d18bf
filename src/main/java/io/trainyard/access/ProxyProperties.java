package io.trainyard.access;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The proxies before the service.
 *
 * @param proxies their addresses, or ranges as in 10.0.0.0/8
 */
@ConfigurationProperties("trainyard.http")
public record ProxyProperties(@DefaultValue List<String> proxies) {
  public ProxyProperties {
    proxies = List.copyOf(proxies);
    for (String proxy : proxies) {
      if (AddressRange.parse(proxy).isEmpty()) {
        throw new IllegalArgumentException(
            "trainyard.http.proxies must list addresses or ranges, as in 10.1.2.3 or 10.0.0.0/8,"
                + " was '%s'".formatted(proxy));
      }
    }
  }
}
