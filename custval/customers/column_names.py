"""Meanings of the column names of an order log, by whole words, in several languages."""
from __future__ import annotations

import functools
import re
import unicodedata

WORDS = {                                      # the meanings of words; a word may have several
    "customer": "customer customers client cust user buyer member shopper subscriber donor household account acct "
                "consumer patron kd kunde kunden kaufer besteller mitglied mitglieds acheteur cliente comprador klant "
                "klanten visitor 客户 顾客 购买者 会员 买家 用户 客戶 顧客 會員 买方 购货单位 往来单位",
    "id": "id no n nr num number code key uuid guid ref reference nummer numero codigo cod "
          "编号 代码 编码 号 号码 卡号 單號 編號 號",
    "unique": "unique master global",
    "email": "email mail correo courriel 邮箱 电子邮件",
    "name": "name nom nombre namen 名称 姓名 名 名稱",
    "billing": "billing ordering bill contact",
    "order": "order invoice transaction trans tran txn receipt basket ticket sale sales bill purchase checkout charge "
             "gift donation event bestell bestellung bestellungs auftrag auftrags rechnung rechnungs beleg commande "
             "facture achat pedido factura compra venta 订单 单据 发票 交易 销售 下单 开票 成交 业务 单号 購買 訂單",
    "time": "date datetime time timestamp day dat datum zeit jour fecha hora data 日期 时间 日 時間",
    "created": "created placed ordered purchased creation 创建",
    "filler": "of the in de du des la le del da do e t",
    "when": "at on utc gmt local",
    "later": "ship shipped shipping shipment delivery delivered deliver due updated update modified cancelled canceled "
             "refund refunded fulfilled fulfilment fulfillment approved carrier estimated expected limit closed "
             "available release returned return payment paid processed captured arrival completed liefer versand "
             "zahlungs zahlung fallig falligkeits livraison expedition paiement echeance envio entrega pago "
             "vencimiento 发货 到货 交货 付款 支付 收款 出库 送货 更新 修改 完成 预计 签收 结算 退款",
    "other": "last first login visit birth birthday dob geburts naissance nacimiento registered registration signup "
             "joined expiry expires expiration 出生 注册 入会",
    "money": "amount amt sales sale revenue total turnover spend spent paid value payment betrag umsatz summe erlos "
             "montant importe monto valor ventas bedrag 金额 销售额 总额 总价 货款 价税合计 合计 成交额 实付 实收 "
             "实付款 实付金额 买家实际支付金额 金額",
    "of money": "gross net total grand line item lineitem extended sum eur usd gbp chf cny rmb jpy gesamt brutto netto "
                "ttc ht 元 含税 不含税 实付 实收 应付 应收 付款 支付 总 purchase amount value",
    "whole": "total grand line extended sum gesamt 总 合计 总价",
    "part": "subtotal sub zwischensumme 小计",
    "deducted": "refund refunded discount discounts tax taxes vat shipping freight fee fees tip tips balance "
                "outstanding cost costs profit margin commission credit duties converted coupon promo list "
                "compare original steuer mwst rabatt versand kosten gewinn remise frais tva impuesto iva descuento "
                "envio coste costo 退款 税额 税 折扣 优惠 运费 成本 利润 毛利 佣金",
    "price": "price preis prix precio prezzo preco prijs 单价 价格 售价 單價",
    "unit": "unit per each einzel stuck unitaire unitario 单价 單價",
    "quantity": "quantity qty units pieces pcs menge anzahl stuckzahl quantite qte cantidad quantidade aantal "
                "数量 件数 數量",
    "product": "product item sku stock article asin isbn barcode artikel produkt produit articulo producto "
               "商品 产品 货号 物料 品名",
    "currency": "currency wahrung waehrung devise moneda 币种 币别 货币",
    "status": "status statut estado 状态",
    "kind": "type typ kind 类型",
}
MEANINGS: dict[str, set[str]] = {}
for _meaning, _words in WORDS.items():
    for _word in _words.split():
        MEANINGS.setdefault(_word, set()).add(_meaning)


def meanings(name: str) -> list[set[str]]:
    """Return the meanings of the words of a name, the empty set for an unknown word."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    plain_text = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = re.findall(r"[^\W\d_]+", plain_text)
    return [MEANINGS.get(part, set()) for word in words for part in _parts(word) or [word]]


@functools.cache
def _parts(word: str) -> list[str]:
    """Return the known words that a compound consists of, such as "kunden", "nummer"; none if a part is unknown."""
    if word in MEANINGS:
        return [word]
    least = 2 if word.isascii() else 1
    for k in range(len(word) - least, least - 1, -1):
        if word[:k] in MEANINGS and (rest := _parts(word[k:])):
            return [word[:k], *rest]
    return []


def only(words: list[set[str]], *allowed: str) -> bool:
    """Return whether every word has one of the meanings."""
    return bool(words) and all(word & {*allowed, "filler"} for word in words)


def has(words: list[set[str]], *wanted: str) -> bool:
    """Return whether a word has one of the meanings."""
    return any(word & set(wanted) for word in words)


def customer_rank(name: str) -> int | None:
    """Return how well a name fits a customer, 0 the best, None for not at all."""
    words = meanings(name)
    if only(words, "customer", "id", "unique") and has(words, "customer"):
        return 0 if has(words, "unique") else 1 if has(words, "id") else 2
    if only(words, "customer", "email", "billing", "order") and has(words, "email"):
        return 3
    if only(words, "customer", "name", "billing") and has(words, "name") and has(words, "customer", "billing"):
        return 4
    return 5 if name.strip().casefold() == "id" else None


def time_rank(name: str) -> int | None:
    """Return how well a name fits the day of an order, 4 for a later one, None for dates of other things."""
    words = meanings(name)
    if has(words, "other"):
        return None
    if has(words, "later"):
        return 4 if only(words, "later", "order", "created", "time", "when", "money") else 5
    if only(words, "order", "created", "time", "when") and has(words, "order", "created"):
        return 0 if has(words, "time", "created") else 3
    return 1 if only(words, "time", "when") and has(words, "time") else 2 if has(words, "time") else 3


def amount_rank(name: str) -> int | None:
    """Return how well a name fits the total of an order or line, None for not at all."""
    words = meanings(name)
    if has(words, "deducted"):
        return None
    if only(words, "money", "of money", "order", "part") and has(words, "money", "part"):
        return 1 if has(words, "part") else 0
    whole = only(words, "price", "of money", "order") and has(words, "price") and has(words, "whole")
    return 0 if whole and not has(words, "unit") else None


def is_money(name: str) -> bool:
    """Return whether a name may be that of an amount."""
    words = meanings(name)
    return has(words, "money") and not has(words, "deducted", "id", "when", "time")


def is_price(name: str) -> bool:
    """Return whether a name is that of a price."""
    words = meanings(name)
    return only(words, "price", "unit", "of money", "product", "order") and has(words, "price") and not has(
        words, "deducted")


def is_quantity(name: str) -> bool:
    """Return whether a name is that of a quantity."""
    return only(meanings(name), "quantity", "of money", "product", "order") and has(meanings(name), "quantity")
