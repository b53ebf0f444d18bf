package io.trainyard.api.edge;

import static io.trainyard.api.edge.HttpServerProtocol.MANAGEMENT_FILES_SHARE;
import static io.trainyard.api.edge.HttpServerProtocol.MOST_OF_MANAGEMENT;

import io.trainyard.access.Proxies;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * Bounds the connections of a management port of its own. Spring's context for that port does not
 * use the customizers of the service; {@code ManagementContextConfiguration.imports} names this
 * one. It is no {@code @Configuration}, or the service would find it too.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
class ManagementPort {
  @Bean
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> boundedManagement(
      EdgeProperties properties, Proxies proxies, OwnConnections own) {
    return factory ->
        EdgeConfiguration.bound(
            factory, properties, proxies, own, MOST_OF_MANAGEMENT, MANAGEMENT_FILES_SHARE, _ -> {});
  }
}
