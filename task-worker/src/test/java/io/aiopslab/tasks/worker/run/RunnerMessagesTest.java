package io.aiopslab.tasks.worker.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aiopslab.tasks.task.FailureCode;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunnerMessagesTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private final RunnerMessages messages = new RunnerMessages(Clock.fixed(NOW, ZoneOffset.UTC));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "text",
        "{",
        "{}",
        "[]",
        "{\"type\":1}",
        "{\"type\":null}",
        "{\"type\":\"later\"}",
        "{\"type\":\"ready\"} and more"
      })
  void anythingElseIsALogLine(String line) throws Exception {
    assertThat(read(line)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'phase'}|phase must be a text",
        "{'type':'phase','phase':'lunch'}|phase is 'lunch', which is not known",
        "{'type':'phase','phase':'SETUP'}|phase is 'SETUP', which is not known",
        "{'type':'log','level':'loud','message':'m'}|level is 'loud', which is not known",
        "{'type':'log','level':'info','message':7}|message must be a text",
        "{'type':'log','level':'info','message':'m','context':[]}|context must be an object",
        "{'type':'metrics','values':{'a':'b'}}|values.a must be a number",
        "{'type':'metrics','values':{'a':1e999}}|values.a must be a number",
        "{'type':'step','index':1,'turn':0,'role':'env','content':''}|index must be 0",
        "{'type':'step','index':0,'turn':-1,'role':'env','content':''}|turn must not be negative",
        "{'type':'step','index':0,'turn':0,'role':'user','content':''}|role must be assistant",
        "{'type':'step','index':0,'turn':0.5,'role':'env','content':''}|turn must be a whole",
        "{'type':'result','reward':1.5}|reward must be 0 to 1, or null",
        "{'type':'result','success':'yes'}|success must be true, false or null",
        "{'type':'aiopslab_result','content':'{}'}|content must be an object",
        "{'type':'attestation'}|facts must be an object",
        "{'type':'error','code':'bad_luck','message':'m'}|code is 'bad_luck', which is not known"
      })
  void wrongFieldsAreNamed(String line, String rule) {
    assertThatThrownBy(() -> read(line.replace('\'', '"')))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(rule);
  }

  @Test
  void readsAStep() throws Exception {
    RunnerMessage.Stepped read =
        (RunnerMessage.Stepped)
            read("""
                    {"type":"step","ts":"2026-11-23T09:00:00.5Z","index":0,"turn":0,\
                    "role":"assistant","content":"a\\u0000b","model_ms":1.5,"tokens":[1,2]}""")
                .orElseThrow();
    assertThat(read.step().content()).isEqualTo("a\uFFFDb");
    assertThat(read.step().at()).isEqualTo(Instant.parse("2026-11-23T09:00:00.5Z"));
    assertThat(read.step().modelMs()).isEqualTo(1.5);
    assertThat(read.step().environmentMs()).isNull();
  }

  @Test
  void readsAResultWithoutAReward() throws Exception {
    RunnerMessage.Result read =
        (RunnerMessage.Result)
            read("{\"type\":\"result\",\"reward\":null,\"usage\":{\"n\":2,\"m\":null}}")
                .orElseThrow();
    assertThat(read.reward()).isNull();
    assertThat(read.metrics()).containsOnlyKeys("usage.n");
  }

  @Test
  void readsAFailure() throws Exception {
    RunnerMessage.Failed read =
        (RunnerMessage.Failed)
            read("{\"type\":\"error\",\"code\":\"agent_error\",\"message\":\"m\"}").orElseThrow();
    assertThat(read.code()).isEqualTo(FailureCode.AGENT_ERROR);
  }

  @Test
  void aTimeThatCannotBeReadIsNow() throws Exception {
    RunnerMessage.Logged read =
        (RunnerMessage.Logged)
            read("{\"type\":\"log\",\"level\":\"info\",\"message\":\"m\",\"ts\":\"noon\"}")
                .orElseThrow();
    assertThat(read.ts()).isEqualTo(NOW);
  }

  private Optional<RunnerMessage> read(String line) throws MalformedMessageException {
    return messages.read(new OutputLine(line.getBytes(UTF_8), 0));
  }
}
