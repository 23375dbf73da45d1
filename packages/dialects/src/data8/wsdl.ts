import { ConfigurationError } from '@hallpass/core'
import { type HttpRequest, RouteError } from '@hallpass/http'
import { escapeXml } from '../xml-writer.ts'
import { DATA8_NAMESPACE } from './soap-request.ts'

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/**
 * The address that the WSDL sends its callers to: the configured one, else where this very document was asked for,
 * over plain HTTP.
 * @throws RouteError `invalid_request` for a Host header that cannot be repeated
 */
export function toServiceUrl(request: HttpRequest, publicUrl: string | null): string {
  if (publicUrl !== null) return `${publicUrl}/useradmin.asmx`
  const [host = '', ...more] = request.headers.get('host') ?? []
  if (more.length > 0 || !HOST.test(host))
    throw new RouteError('invalid_request', 'the Host header cannot be used')
  const [path = ''] = request.originalTarget.split('?', 1)
  return `http://${host}${path}`
}

/** An http(s) address without a query, its slash at the end taken off. @throws ConfigurationError */
export function parsePublicUrl(text: string): string {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null
  const isPlain =
    url !== null && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '')
  throw new ConfigurationError(
    'publicUrl must be an http or https address as in https://api.example.com/data8',
  )
}

/** The WSDL 1.1 document: document/literal, SOAP 1.1 over HTTP. @see https://www.w3.org/TR/wsdl.html */
export function toWsdl(serviceUrl: string): string {
  return `<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" \
xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s="http://www.w3.org/2001/XMLSchema" \
xmlns:tns="${DATA8_NAMESPACE}" targetNamespace="${DATA8_NAMESPACE}">
  <wsdl:types>
    <s:schema elementFormDefault="qualified" targetNamespace="${DATA8_NAMESPACE}">
      <s:element name="GetJWT">
        <s:complexType>
          <s:sequence>
            <s:element minOccurs="0" maxOccurs="1" name="username" type="s:string"/>
            <s:element minOccurs="0" maxOccurs="1" name="password" type="s:string"/>
            <s:element minOccurs="0" maxOccurs="1" name="clientIp" type="s:string" nillable="true"/>
            <s:element minOccurs="1" maxOccurs="1" name="expiresAt" type="s:dateTime"/>
            <s:element minOccurs="0" maxOccurs="1" name="allowedMethods" type="tns:ArrayOfString" nillable="true"/>
            <s:element minOccurs="0" maxOccurs="1" name="maxCredits" type="s:long" nillable="true"/>
            <s:element minOccurs="0" maxOccurs="1" name="options" type="tns:ArrayOfOption" nillable="true"/>
          </s:sequence>
        </s:complexType>
      </s:element>
      <s:complexType name="ArrayOfString">
        <s:sequence>
          <s:element minOccurs="0" maxOccurs="unbounded" name="string" type="s:string"/>
        </s:sequence>
      </s:complexType>
      <s:complexType name="ArrayOfOption">
        <s:sequence>
          <s:element minOccurs="0" maxOccurs="unbounded" name="Option" type="tns:Option"/>
        </s:sequence>
      </s:complexType>
      <s:complexType name="Option">
        <s:sequence>
          <s:element minOccurs="1" maxOccurs="1" name="Name" type="s:string"/>
          <s:element minOccurs="0" maxOccurs="1" name="Value" type="s:string" nillable="true"/>
        </s:sequence>
      </s:complexType>
      <s:element name="GetJWTResponse">
        <s:complexType>
          <s:sequence>
            <s:element minOccurs="0" maxOccurs="1" name="GetJWTResult" type="tns:JWTOutput"/>
          </s:sequence>
        </s:complexType>
      </s:element>
      <s:complexType name="JWTOutput">
        <s:sequence>
          <s:element minOccurs="0" maxOccurs="1" name="Status" type="tns:ResultStatus"/>
          <s:element minOccurs="0" maxOccurs="1" name="Jwt" type="s:string"/>
        </s:sequence>
      </s:complexType>
      <s:complexType name="ResultStatus">
        <s:sequence>
          <s:element minOccurs="1" maxOccurs="1" name="Success" type="s:boolean"/>
          <s:element minOccurs="0" maxOccurs="1" name="ErrorMessage" type="s:string"/>
          <s:element minOccurs="1" maxOccurs="1" name="CreditsRemaining" type="s:long"/>
        </s:sequence>
      </s:complexType>
    </s:schema>
  </wsdl:types>
  <wsdl:message name="GetJWTSoapIn">
    <wsdl:part name="parameters" element="tns:GetJWT"/>
  </wsdl:message>
  <wsdl:message name="GetJWTSoapOut">
    <wsdl:part name="parameters" element="tns:GetJWTResponse"/>
  </wsdl:message>
  <wsdl:portType name="UserAdminSoap">
    <wsdl:operation name="GetJWT">
      <wsdl:input message="tns:GetJWTSoapIn"/>
      <wsdl:output message="tns:GetJWTSoapOut"/>
    </wsdl:operation>
  </wsdl:portType>
  <wsdl:binding name="UserAdminSoap" type="tns:UserAdminSoap">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="GetJWT">
      <soap:operation soapAction="${DATA8_NAMESPACE}GetJWT" style="document"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="UserAdmin">
    <wsdl:port name="UserAdminSoap" binding="tns:UserAdminSoap">
      <soap:address location="${escapeXml(serviceUrl)}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
`
}
