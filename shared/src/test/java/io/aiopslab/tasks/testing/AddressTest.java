package io.aiopslab.tasks.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AddressTest {
  @Test
  void brokerAddressSurvivesItsUrl() {
    BrokerAddress address = new BrokerAddress("host", 5673, "a b", "p/w:d", "/");
    assertThat(BrokerAddress.parse(address.amqpUrl())).isEqualTo(address);
  }

  @Test
  void databaseUrlBringsUserAndPassword() {
    String url = "jdbc:postgresql://host:5433/first?user=u&password=p";
    DatabaseAddress address = DatabaseAddress.parse(url, "ignored", "ignored");
    assertThat(address).isEqualTo(new DatabaseAddress(url, "u", "p"));
  }

  @Test
  void databaseIsExchangedInTheUrl() {
    DatabaseAddress address =
        DatabaseAddress.parse("jdbc:postgresql://h1:1,h2:2/first?ssl=false", "u", "p");
    assertThat(address.withDatabase("second").jdbcUrl())
        .isEqualTo("jdbc:postgresql://h1:1,h2:2/second?ssl=false");
  }

  @Test
  void otherDatabasesAreRefused() {
    assertThatThrownBy(() -> DatabaseAddress.parse("jdbc:h2:mem:x", "u", "p"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
